//! A terminal in which the commands of a page are typed.
//!
//! Commands go in, what each printed and how long it took comes out. Where `cd` leads,
//! the next one goes on; nothing else is carried from one to the next. One that fails
//! fails the test.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::said;

/// What goes on until somebody ends it, and what it says when it has done its work once.
const ENDLESS: &str = "ztgit plugin dev ";
const WAITING: &str = "waiting for a change";

/// A directory and an environment.
#[derive(Debug)]
pub struct Terminal {
    place: PathBuf,
    environment: Vec<(&'static str, OsString)>,
}

/// A command that was run.
#[derive(Debug)]
pub struct Step {
    /// As it was typed, on one line.
    pub command: String,
    /// Standard output, then standard error.
    pub said: String,
    /// From its start to its end.
    pub took: Duration,
}

impl Terminal {
    /// In a directory; this `ztgit` is the first on the path.
    #[expect(clippy::disallowed_methods, reason = "commands need the user's tools")]
    pub fn new(place: &Path, ztgit: &Path) -> Self {
        let mut path = OsString::from(ztgit.parent().expect("a program lies in a directory"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        Self {
            place: place.to_owned(),
            environment: vec![("PATH", path)],
        }
    }

    /// Sets a variable for every command.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Where `cd` has led.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Types commands, one a line; a `\` at its end goes on with the next.
    pub fn run(&mut self, block: &str) -> Vec<Step> {
        let joined = block.replace("\\\n", " ");
        let commands = joined.lines().filter(|line| !line.trim().is_empty());
        commands.map(|command| self.step(command)).collect()
    }

    #[expect(clippy::disallowed_methods, reason = "what is measured is time")]
    fn step(&mut self, command: &str) -> Step {
        let start = Instant::now();
        let said = if command.starts_with(ENDLESS) {
            self.run_until_it_waits(command)
        } else {
            self.run_to_its_end(command)
        };
        Step {
            command: command.split_whitespace().collect::<Vec<_>>().join(" "),
            said,
            took: start.elapsed(),
        }
    }

    fn shell(&self, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).current_dir(&self.place);
        // It is the outer build's, and a reader has none.
        shell.env_remove("CARGO_TARGET_DIR");
        let variables = self.environment.iter();
        shell.envs(variables.map(|(name, value)| (name, value)));
        shell
    }

    fn run_to_its_end(&mut self, command: &str) -> String {
        let output = self
            .shell(&format!("{command}\nprintf '\\n%s' \"$PWD\""))
            .output()
            .expect("a shell is everywhere");
        assert!(output.status.success(), "{command}: {}", said(&output));
        let printed = String::from_utf8_lossy(&output.stdout);
        let (printed, place) = printed.rsplit_once('\n').expect("the place is a line more");
        self.place = PathBuf::from(place);
        printed.to_owned() + &String::from_utf8_lossy(&output.stderr)
    }

    fn run_until_it_waits(&self, command: &str) -> String {
        let mut running = self
            .shell(&format!("exec {command}"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell is everywhere");
        let errors = BufReader::new(running.stderr.take().expect("it is piped"));
        let mut said = String::new();
        for line in errors.lines() {
            let line = line.expect("it says what is text");
            said += &line;
            said.push('\n');
            if line == WAITING {
                break;
            }
        }
        running.kill().expect("it is ours");
        running.wait().expect("it was just ended");
        let waits = said.lines().last() == Some(WAITING);
        let failed = said.lines().any(|line| line.starts_with("error"));
        assert!(waits && !failed, "{command}: {said}");
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Terminal {
        Terminal::new(Path::new("/"), Path::new("/bin/ztgit"))
    }

    #[test]
    fn a_command_goes_on_where_the_last_one_ended() {
        let mut terminal = terminal().with("WHERE", "etc");
        let steps = terminal.run("cd $WHERE\npwd && \\\n    echo there >&2\n");
        let said: Vec<&str> = steps.iter().map(|step| step.said.as_str()).collect();
        assert_eq!(said, ["", "/etc\nthere\n"]);
        assert_eq!(steps[1].command, "pwd && echo there >&2");
        assert_eq!(terminal.place(), Path::new("/etc"));
    }

    #[test]
    #[should_panic(expected = "false: ")]
    fn a_command_that_fails_ends_the_test() {
        terminal().run("false\n");
    }
}
