//! Running real tools on rendered files, as root in namespaces of their own.
//!
//! Where that is not possible the test says so past the capture of test
//! output, and fails when `ZTGIT_REQUIRE_TOOLS=1` demands that nothing is
//! skipped.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Files in a directory of their own, for a script to work on.
pub(crate) struct Sandbox(PathBuf);

impl Sandbox {
    /// An empty directory; `None` where a tool or the right to use it is
    /// missing. A device counts as a tool.
    pub(crate) fn new(test: &str, tools: &[&str]) -> Option<Self> {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        if directory.exists() {
            std::fs::remove_dir_all(&directory).expect("the last run's files can be removed");
        }
        std::fs::create_dir_all(&directory).expect("the target directory is writable");
        let sandbox = Self(directory);
        let tools = tools.join(" ");
        let probe = format!("for tool in {tools}; do command -v $tool || test -c $tool; done");
        if sandbox
            .command(&probe)
            .output()
            .is_ok_and(|output| output.status.success())
        {
            return Some(sandbox);
        }
        skip(test, &tools);
        None
    }

    /// Puts a file there.
    pub(crate) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.join(name), content).expect("the sandbox is writable");
    }

    /// Runs a script there, in network, mount and process namespaces that end
    /// with it.
    pub(crate) fn script(&self, script: &str) -> Output {
        self.command(script)
            .output()
            .expect("unshare was there a moment ago")
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--fork", "--kill-child"]);
        command.args(["bash", "-euc", script]).current_dir(&self.0);
        command
    }

    /// Runs a script that must succeed, and gives what it prints.
    pub(crate) fn run(&self, script: &str) -> String {
        let output = self.script(script);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how CI demands that nothing is skipped"
)]
fn skip(test: &str, tools: &str) {
    let required = std::env::var_os("ZTGIT_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let missing = format!("SKIPPED {test}: needs root, unshare and {tools}");
    assert!(!required, "{missing}");
    writeln!(std::io::stderr(), "{missing}").expect("stderr is open");
}
