//! Helm, as its Go module has it: built once into a cache that several tests
//! and several checkouts share.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use ztgit_test_support::{require_tool, said};

const MODULE: &str = "helm.sh/helm/v4/cmd/helm@v4.2.2";

/// The program; `None` where it can neither be found nor built.
pub(crate) fn helm() -> Option<PathBuf> {
    let cache = cache();
    let helm = cache.join("helm");
    fs::create_dir_all(&cache).unwrap();
    // Whoever else builds it holds the lock until it is there.
    let lock = File::create(cache.join(".helm.lock")).unwrap();
    lock.lock().unwrap();
    if !helm.exists() {
        build(&require_tool("go")?, &cache);
    }
    Some(helm)
}

/// In a directory beside the program, then moved: nobody finds half of it.
fn build(go: &Path, cache: &Path) {
    let unfinished = cache.join(".helm-unfinished");
    let output = Command::new(go)
        .args(["install", MODULE])
        .env("GOBIN", &unfinished)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    fs::rename(unfinished.join("helm"), cache.join("helm")).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a user's caches are is in the environment"
)]
fn cache() -> PathBuf {
    let given = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    given.unwrap_or_else(home).join("ztgit-ci/bin")
}
