//! Helm, as its Go module has it: built once into a cache that several tests
//! and several checkouts share.

use std::path::PathBuf;

use ztgit_test_support::go;

const HELM: &str = "helm.sh/helm/v4/cmd/helm@v4.2.2";

/// The program; `None` where it can neither be found nor built.
pub(crate) fn helm() -> Option<PathBuf> {
    go::install(HELM, &cache())
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
