//! A directory to work in, and the two programs that are compared, both without the
//! settings of whoever runs this.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Without the clean-up in the background, which would run into the next
/// measurement.
const CONFIG: &str = "[user]\n\tname = bench\n\temail = bench@localhost\n[gc]\n\tauto = 0\n";

pub(crate) struct Machine {
    directory: TempDir,
    ztgit: PathBuf,
}

impl Machine {
    pub(crate) fn new(ztgit: PathBuf) -> Self {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let machine = Self { directory, ztgit };
        fs::write(machine.path(".gitconfig"), CONFIG).expect("the directory is ours");
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A repository without commits. Files that are there stay.
    pub(crate) fn new_repository(&self, name: &str, arguments: &[&str]) {
        let directory = self.path(name);
        let old = if arguments.contains(&"--bare") {
            directory
        } else {
            directory.join(".git")
        };
        if old.exists() {
            fs::remove_dir_all(old).expect("the directory is ours");
        }
        let init = ["init", "--quiet", "--initial-branch=main"];
        self.run(Command::new("git").args(init).args(arguments).arg(name));
    }

    /// Removes what earlier runs of ztgit worked out.
    pub(crate) fn forget(&self) {
        let cache = self.path(".cache");
        if cache.exists() {
            fs::remove_dir_all(cache).expect("the directory is ours");
        }
    }

    /// Renders into the bare repository.
    pub(crate) fn render(&self, stack: &Path) -> String {
        let stack = stack.to_str().expect("the path is text");
        self.ztgit(&["render", "--quiet", stack, "--repo", "fleet.git"])
    }

    pub(crate) fn ztgit(&self, arguments: &[&str]) -> String {
        self.run(Command::new(&self.ztgit).args(arguments))
    }

    /// Most resident memory of a render, in kB, as the kernel keeps it.
    pub(crate) fn peak_memory(&self, stack: &Path) -> u64 {
        let mut render = Command::new(&self.ztgit);
        render.args(["render", "--quiet", "--repo", "fleet.git"]);
        let render = render.arg(stack).stdout(Stdio::null());
        let mut child = self.apart(render).spawn().expect("ztgit was built");
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        loop {
            if let Some(found) = high_water_mark(&status) {
                peak = found;
            }
            if let Some(end) = child.try_wait().expect("it is our child") {
                assert!(end.success(), "the render that was measured failed");
                return peak;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Writes the files that the newest commit of the bare repository changes.
    pub(crate) fn write_newest(&self, directory: &str) {
        let directory = self.path(directory);
        fs::create_dir_all(&directory).expect("there is room for a directory");
        let repository = ["--git-dir", "fleet.git"];
        let list = ["diff-tree", "-r", "-z", "--root", "--no-commit-id", "main"];
        let list = [&list[..], &["--name-only"]].concat();
        let paths = self.run(Command::new("git").args(repository).args(list));
        let paths: Vec<&str> = paths.split_terminator('\0').collect();
        let work = format!("--work-tree={}", directory.display());
        let mut read = Command::new("git");
        read.args(repository)
            .arg(work)
            .args(["checkout-index", "-f", "-z", "--stdin"]);
        self.run(
            Command::new("git")
                .args(repository)
                .args(["read-tree", "main"]),
        );
        self.feed(&mut read, &paths);
    }

    fn feed(&self, command: &mut Command, paths: &[&str]) {
        use std::io::Write;
        let mut child = self
            .apart(command)
            .stdin(Stdio::piped())
            .spawn()
            .expect("git is installed");
        let mut input = child.stdin.take().expect("it was piped");
        input
            .write_all(format!("{}\0", paths.join("\0")).as_bytes())
            .expect("git reads its input");
        drop(input);
        assert!(child.wait().expect("it is our child").success());
    }

    /// `git add -A && git commit -q`. With nothing to commit the second one says so,
    /// and fails.
    pub(crate) fn commit(&self, directory: &str) -> String {
        let git = ["-C", directory];
        self.run(Command::new("git").args(git).args(["add", "--all"]));
        let mut commit = Command::new("git");
        commit
            .args(git)
            .args(["commit", "--quiet", "--message", "render"]);
        let output = self.output(&mut commit);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "git could not commit"
        );
        String::new()
    }

    fn run(&self, command: &mut Command) -> String {
        let output = self.output(command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    fn output(&self, command: &mut Command) -> Output {
        self.apart(command)
            .output()
            .expect("git is installed, and ztgit was built")
    }

    fn apart<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let mut text = String::new();
    fs::File::open(status)
        .ok()?
        .read_to_string(&mut text)
        .ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
