//! Sigstore's `cosign`, built from the Go module proxy.

use std::path::PathBuf;

use crate::directory::scratch;
use crate::go;

const COSIGN: &str = "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3";

/// The program, built where it was not built before, which takes minutes; `None` as
/// with [`go::install`].
pub fn cosign() -> Option<PathBuf> {
    go::install(COSIGN, &scratch("cosign-3.1.3"))
}
