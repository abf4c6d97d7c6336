//! The `ztgit` program: reads the environment, runs the library.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use ztgit::cli;
use ztgit::context::Environment;

fn main() -> ExitCode {
    ExitCode::from(cli::run(environment()).code())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where environment and clock are read"
)]
fn environment() -> Environment {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.as_secs());
    // As reproducible builds have it, for those who want the same commit id.
    let now = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(now);
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    Environment {
        now: i64::try_from(now).unwrap_or(i64::MAX),
        cache,
        program: env::current_exe().ok(),
    }
}
