//! Programs of the system that a test needs.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output};

/// The path of an installed program. Where it is absent the test says so past
/// the capture of test output and should end, unless `ZTGIT_REQUIRE_TOOLS=1`
/// demands that nothing is skipped: then it fails.
pub fn require_tool(name: &str) -> Option<PathBuf> {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\"", name])
        .output()
        .expect("a shell is everywhere");
    if found.status.success() {
        return Some(PathBuf::from(String::from_utf8_lossy(&found.stdout).trim()));
    }
    skip(&format!("`{name}` is not installed"));
    None
}

/// Goes on where something is to be had that a test needs, such as a right. Where it
/// is not, the test is skipped as with [`require_tool`].
pub fn require(is_there: bool, what: &str) -> Option<()> {
    if !is_there {
        skip(&format!("it needs {what}"));
    }
    is_there.then_some(())
}

/// Both streams of a run, for the message of an assertion.
pub fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how CI demands that nothing is skipped"
)]
pub(crate) fn skip(reason: &str) {
    let required = std::env::var_os("ZTGIT_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(
        !required,
        "{reason}, and ZTGIT_REQUIRE_TOOLS=1 demands that nothing is skipped"
    );
    // Past the macros, whose output is not shown for a test that passes.
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    writeln!(
        io::stderr(),
        "SKIPPED {test}, which has shown nothing: {reason}"
    )
    .expect("standard error is open");
}
