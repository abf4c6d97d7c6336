//! The most memory that this process, and those that it started, had at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often the processes that this one started are looked at: the kernel knows the peak
/// of each, but only while it lives.
const EVERY: Duration = Duration::from_millis(2);

/// Peaks in KiB; nothing where there was no such process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Peaks {
    /// Of this process.
    pub(super) here: Option<u64>,
    /// Of the largest that it started.
    pub(super) child: Option<u64>,
}

impl Peaks {
    /// Those of a piece of work.
    pub(super) fn during(work: impl FnOnce()) -> Self {
        // Where this is not possible the highest peak so far is shown.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let done = AtomicBool::new(false);
        let child = thread::scope(|scope| {
            let watch = scope.spawn(|| watch(&done));
            // Also where the work panics, because the scope waits for the watch.
            let ended = SetWhenDropped(&done);
            work();
            drop(ended);
            watch.join().expect("looking does not panic")
        });
        Self {
            here: peak(Path::new("/proc/self")),
            child,
        }
    }

    /// The higher of each.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            here: self.here.max(other.here),
            child: self.child.max(other.child),
        }
    }
}

struct SetWhenDropped<'a>(&'a AtomicBool);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn watch(done: &AtomicBool) -> Option<u64> {
    let mut highest = None;
    while !done.load(Ordering::Relaxed) {
        highest = highest.max(highest_below(Path::new("/proc/self")));
        thread::sleep(EVERY);
    }
    highest
}

/// The highest peak of all processes that descend from one.
fn highest_below(process: &Path) -> Option<u64> {
    let children = children(process).into_iter();
    let peaks = children.map(|child| {
        // One that has not begun its own program yet has this one's memory.
        let own = is_another_program(&child).then(|| peak(&child)).flatten();
        own.max(highest_below(&child))
    });
    peaks.max().flatten()
}

/// A process that ends meanwhile has none, and no peak.
fn children(process: &Path) -> Vec<PathBuf> {
    let threads = fs::read_dir(process.join("task")).into_iter().flatten();
    let lists = threads.flatten().filter_map(|thread| {
        let list = fs::read_to_string(thread.path().join("children")).ok()?;
        let children = list.split_whitespace();
        Some(children.map(|id| Path::new("/proc").join(id)).collect())
    });
    lists.collect::<Vec<Vec<PathBuf>>>().concat()
}

fn is_another_program(process: &Path) -> bool {
    let program = |process: &Path| fs::read_link(process.join("exe")).ok();
    program(process) != program(Path::new("/proc/self"))
}

fn peak(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_memory_of_a_program_that_a_program_starts_is_seen() {
        // A shell that holds ten megabytes while it waits for another one.
        let script = "x=$(head -c 10000000 /dev/zero | tr '\\0' x); sh -c 'sleep 0.2'; : \"$x\"";
        let peaks = Peaks::during(|| {
            let status = Command::new("sh").args(["-c", script]).status();
            assert!(status.expect("a shell is everywhere").success());
        });
        assert!(peaks.child > Some(9_000), "{peaks:?}");
    }
}
