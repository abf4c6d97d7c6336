//! Durations of repeated runs, and the table of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The durations of the same work done several times.
#[derive(Default)]
pub(crate) struct Series(Vec<Duration>);

/// The same change by both programs.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) ztgit: Series,
    pub(crate) git: Series,
}

impl Series {
    /// Does the work once more.
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub(crate) fn add(&mut self, work: impl FnOnce() -> String) {
        let start = Instant::now();
        work();
        self.0.push(start.elapsed());
        self.0.sort();
    }

    fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    /// `0.812 (0.790-0.951)`
    fn show(&self) -> String {
        let [best, median, worst] = [self.0.first(), Some(&self.median()), self.0.last()]
            .map(|duration| duration.expect("it ran at least once").as_secs_f64());
        format!("{median:.3} ({best:.3}-{worst:.3})")
    }
}

pub(crate) fn heading() {
    println!(
        "{:<26} {:>22} {:>22} {:>9}",
        "seconds", "ztgit render", "git add, git commit", "ratio"
    );
}

impl Row {
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            ztgit: Series::default(),
            git: Series::default(),
        }
    }

    pub(crate) fn print(&self) {
        let ratio = self.ztgit.median().as_secs_f64() / self.git.median().as_secs_f64();
        let (ztgit, git) = (self.ztgit.show(), self.git.show());
        println!("{:<26} {ztgit:>22} {git:>22} {ratio:>9.2}", self.title);
    }
}

pub(crate) fn single(title: &str, series: &Series) {
    println!("{title:<26} {:>22}", series.show());
}

/// Peak memory, in kB.
pub(crate) fn memory(title: &str, peak: u64) {
    println!(
        "{:<26} {:>19} MB",
        format!("peak memory, {title}"),
        peak / 1_000
    );
}

/// How much was rendered.
pub(crate) fn volume(directory: &Path) -> String {
    let files = files_below(directory);
    let bytes: u64 = files.iter().map(|file| size(file)).sum();
    let kilobytes = bytes / 1_000;
    format!(
        "{} files, {}.{} MB",
        files.len(),
        kilobytes / 1_000,
        kilobytes % 1_000 / 100
    )
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).expect("the file is there").len()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let (directories, mut files): (Vec<_>, Vec<_>) = entries
        .map(|entry| entry.expect("it can be read").path())
        .partition(|path| path.is_dir());
    files.extend(
        directories
            .iter()
            .flat_map(|directory| files_below(directory)),
    );
    files
}
