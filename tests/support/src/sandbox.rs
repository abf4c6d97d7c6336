//! Running real tools on rendered files, as root in namespaces of their own.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::directory::scratch;
use crate::tools::{said, skip};

/// Files in a directory of their own, for a script to work on.
pub struct Sandbox(PathBuf);

impl Sandbox {
    /// An empty directory; `None` where a tool or the right to use it is
    /// missing, in which case the test is skipped as with
    /// [`require_tool`](crate::require_tool). A device counts as a tool.
    pub fn new(test: &str, tools: &[&str]) -> Option<Self> {
        let directory = scratch(test);
        std::fs::remove_dir_all(&directory).expect("the last run's files can be removed");
        let sandbox = Self(scratch(test));
        let tools = tools.join(" ");
        let probe = format!("for tool in {tools}; do command -v $tool || test -c $tool; done");
        let usable = sandbox
            .command(&probe)
            .output()
            .is_ok_and(|output| output.status.success());
        if !usable {
            skip(&format!("it needs root, unshare and {tools}"));
        }
        usable.then_some(sandbox)
    }

    /// Puts a file there.
    pub fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.join(name), content).expect("the sandbox is writable");
    }

    /// Runs a script there, in network, mount and process namespaces that end
    /// with it.
    pub fn script(&self, script: &str) -> Output {
        self.command(script)
            .output()
            .expect("unshare was there a moment ago")
    }

    /// Runs a script that must succeed, and gives what it prints.
    pub fn run(&self, script: &str) -> String {
        let output = self.script(script);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--fork", "--kill-child"]);
        command.args(["bash", "-euc", script]).current_dir(&self.0);
        command
    }
}
