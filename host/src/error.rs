//! How a command ends, and how errors are shown.

use std::error::Error as StdError;
use std::fmt::Write as _;

/// An error with everything that caused it, on one line.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
