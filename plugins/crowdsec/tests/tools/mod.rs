//! Programs of the system that a test needs. Where one is absent the test says
//! so loudly and ends, unless `ZTGIT_REQUIRE_TOOLS=1` demands it.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};

/// Whether the program is there.
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of the tests with real tools"
)]
pub(crate) fn present(program: &str) -> bool {
    let probe = Command::new("sh")
        .args(["-c", "command -v \"$0\"", program])
        .stdout(Stdio::null())
        .status()
        .expect("a shell is everywhere");
    if probe.success() {
        return true;
    }
    let required = std::env::var("ZTGIT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "`{program}` is not installed, and ZTGIT_REQUIRE_TOOLS=1 demands it"
    );
    // Past the macros, whose output is not shown for a test that passes.
    writeln!(
        io::stderr(),
        "SKIPPED: `{program}` is not installed: a test has shown nothing"
    )
    .expect("standard error is open");
    false
}

/// Runs the program to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .output()
        .expect("the program is there")
}

/// Both streams of a run, for the message of an assertion.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
