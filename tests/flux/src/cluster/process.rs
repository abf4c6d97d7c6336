//! A program of the control plane: its log, and its end with the test's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How much of a log is shown where a test fails.
const TAIL_LINES: usize = 25;

/// A running program. It is killed when this is dropped, and by the kernel when
/// the thread that started it is gone, however that came about.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program with these arguments; `configure` may set its
    /// environment. What it prints goes to `<directory>/<name>.log`.
    pub(crate) fn start(
        program: &Path,
        arguments: &[String],
        directory: &Path,
        configure: impl FnOnce(&mut Command),
    ) -> Self {
        let name = program
            .file_name()
            .expect("a program has a name")
            .to_string_lossy()
            .into_owned();
        let log = directory.join(format!("{name}.log"));
        let output = File::create(&log).expect("the state directory is writable");
        let errors = output.try_clone().expect("a file can be shared");
        // Asking the kernel for the signal oneself would take unsafe code.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command.args(arguments).current_dir(directory);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        configure(&mut command);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("setpriv (of util-linux): {error}"));
        Self { name, child, log }
    }

    /// Says why, where it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().expect("a child can be asked")?;
        Some(format!("{} ended: {status}\n{}", self.name, self.tail()))
    }

    /// The last lines of its log.
    pub(crate) fn tail(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let first = lines.len().saturating_sub(TAIL_LINES);
        format!("--- {}\n{}\n", self.name, lines[first..].join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already; its state is thrown away in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
