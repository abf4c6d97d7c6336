//! Waiting for what others do, and how long it took.
//!
//! Enters: a probe that says what is still missing. Leaves: what it found, or a
//! panic with the last of its answers. States of Flux flicker while it works
//! (`Ready` goes from `False` to `Unknown` and back at every retry), so nothing
//! is read once: everything is waited for.

use std::thread;
use std::time::{Duration, Instant};

/// How often is looked. Every look costs the API server a request or more.
const PAUSE: Duration = Duration::from_millis(200);

/// How long it may take, on a machine that is busy with something else, too. It is
/// less than the shortest timeout in what ztgit renders: what Flux does only after
/// that is not waited for.
const PATIENCE: Duration = Duration::from_mins(4);

/// Time since a moment.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "deadlines and latencies are what is measured here"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been running.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// The same for people: `12.3 s`.
    pub fn seconds(self) -> String {
        format!("{:.1} s", self.elapsed().as_secs_f64())
    }
}

/// An answer of a probe that has nothing to give: it is so, or why not.
pub fn ensure(is_so: bool, why_not: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(why_not()) }
}

/// Asks until the answer is there; panics with the last reason otherwise.
#[track_caller]
pub fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let watch = Stopwatch::start();
    loop {
        match probe() {
            Ok(found) => return found,
            Err(missing) if watch.elapsed() > PATIENCE => {
                panic!("{what}: not within {}: {missing}", watch.seconds())
            }
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Asks for a while, and panics as soon as something is not as it has to stay.
#[track_caller]
pub fn stays(what: &str, time: Duration, mut probe: impl FnMut() -> Result<(), String>) {
    let watch = Stopwatch::start();
    while watch.elapsed() < time {
        if let Err(change) = probe() {
            panic!("{what}: not any more after {}: {change}", watch.seconds());
        }
        thread::sleep(PAUSE);
    }
}
