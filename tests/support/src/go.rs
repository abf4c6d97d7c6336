//! Programs and modules from the Go module proxy. Go gives up at the first request that
//! the proxy fails; here it starts again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::tools::{require_tool, said};

const ATTEMPTS: usize = 3;
const PAUSE: Duration = Duration::from_secs(10);

/// A program, installed into a directory where it is not there yet; the last name of the
/// package, which has a version, is the program's. `None` where there is no Go, in which
/// case the test is skipped as with [`require_tool`].
pub fn install(package: &str, directory: &Path) -> Option<PathBuf> {
    let (path, _) = package.split_once('@').expect("a package has a version");
    let name = path.rsplit('/').next().unwrap_or(path);
    let program = directory.join(name);
    fs::create_dir_all(directory).expect("the directory is writable");
    // Whoever else builds it holds the lock until it is there.
    let lock = File::create(directory.join(format!(".{name}.lock")));
    let lock = lock.expect("the directory is writable");
    lock.lock().expect("a file can be locked");
    if !program.exists() {
        // Beside its place, then moved: nobody finds half of it.
        let unfinished = directory.join(format!(".{name}-unfinished"));
        run(|go| {
            go.args(["install", package])
                .env("GOBIN", &unfinished)
                .current_dir("/")
        })?;
        fs::rename(unfinished.join(name), &program).expect("it is on the same disk");
    }
    Some(program)
}

/// Builds the program whose source is in a directory; `None` as with [`install`].
pub fn build(source: &Path, program: &Path) -> Option<()> {
    run(|go| {
        go.args(["build", "-o"])
            .arg(program)
            .arg(".")
            .current_dir(source)
    })
    .map(drop)
}

/// The directory of a module, which has a version; `None` as with [`install`].
pub fn module(module: &str) -> Option<PathBuf> {
    let answer = run(|go| {
        go.args(["mod", "download", "-json", module])
            .current_dir("/")
    })?;
    let answer: Value = serde_json::from_slice(&answer).expect("it answers in JSON");
    Some(PathBuf::from(answer["Dir"].as_str().expect("it is there")))
}

/// What it prints.
fn run(configure: impl Fn(&mut Command) -> &mut Command) -> Option<Vec<u8>> {
    let go = require_tool("go")?;
    for attempt in 1.. {
        let output = configure(&mut Command::new(&go)).output();
        let output = output.expect("it was there a moment ago");
        if output.status.success() {
            return Some(output.stdout);
        }
        assert!(attempt < ATTEMPTS, "{}", said(&output));
        sleep(PAUSE);
    }
    unreachable!("it was given up before")
}
