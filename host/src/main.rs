//! The `ztgit` program: reads the environment, runs the library.

use std::env;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use mimalloc::MiMalloc;
use ztgit::cli;
use ztgit::context::{Environment, Password};

/// A render makes and drops a hundred thousand small values a cluster.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(cli::run(environment()).code())
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
fn clock() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn environment() -> Environment {
    // As reproducible builds have it, for those who want the same commit id.
    let now = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(clock);
    let home = env::var_os("HOME").map(PathBuf::from);
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.as_ref().map(|home| home.join(".cache")));
    let kubeconfigs = match env::var_os("KUBECONFIG") {
        Some(list) => env::split_paths(&list).collect(),
        None => home.iter().map(|home| home.join(".kube/config")).collect(),
    };
    let program = env::current_exe().ok();
    Environment {
        now,
        clock,
        kubeconfigs,
        cache,
        build: program.as_deref().and_then(build),
        program,
        docker_config: env::var_os("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"))),
        key_password: env::var_os("COSIGN_PASSWORD")
            .map(|password| Password(password.into_encoded_bytes())),
    }
}

/// Size and time of the program's file, beside its version: two builds of one version
/// happen to whoever develops ztgit.
fn build(program: &Path) -> Option<String> {
    let metadata = program.metadata().ok()?;
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    let size = metadata.len();
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("{version} {size} {seconds}.{nanoseconds:09}"))
}
