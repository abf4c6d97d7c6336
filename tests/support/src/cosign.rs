//! Sigstore's `cosign`, built from the Go module proxy.

use std::path::PathBuf;
use std::process::Command;

use crate::directory::scratch;
use crate::tools::{require_tool, said};

const COSIGN: &str = "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3";

/// The program, built where it was not built before, which takes minutes; `None`
/// where there is no Go, in which case the test is skipped as with [`require_tool`].
pub fn cosign() -> Option<PathBuf> {
    let directory = scratch("cosign-3.1.3");
    let program = directory.join("cosign");
    if !program.exists() {
        let go = require_tool("go")?;
        let built = Command::new(go)
            .args(["install", COSIGN])
            .env("GOBIN", &directory)
            .output()
            .expect("it was there a moment ago");
        assert!(built.status.success(), "{}", said(&built));
    }
    Some(program)
}
