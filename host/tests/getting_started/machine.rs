//! Machines of a test: a Debian each, with processes, network and systemd of its
//! own, on one wire.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What the machines are connected by: a network namespace with a switch in it.
pub(crate) struct Wire(Child);

/// A machine, and a shell of root's in it. It ends with this value, and with the
/// thread that made it.
pub(crate) struct Machine {
    name: &'static str,
    /// Dropped first: its end is the shell's end.
    shell: Shell,
    process: Child,
    group: PathBuf,
}

struct Shell {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    process: Child,
}

/// What a machine is made of.
pub(crate) struct Blueprint<'a> {
    /// Its host name.
    pub(crate) name: &'static str,
    /// Its IPv4 address, in a network of 256.
    pub(crate) address: &'static str,
    /// Its first process.
    pub(crate) program: &'static [&'static str],
    /// The files below everything.
    pub(crate) debian: &'a Path,
    /// An empty directory, but for `upper`: files that the machine has besides.
    pub(crate) directory: &'a Path,
}

const SHELL: [&str; 8] = [
    "env",
    "--ignore-environment",
    "--chdir=/root",
    "HOME=/root",
    "USER=root",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "bash",
    "-euo",
];
/// Written by the shell after each block.
const END: &str = "--- end of block ---";

impl Wire {
    /// An empty switch.
    pub(crate) fn new() -> Self {
        let script = "ip link add wire type bridge; ip link set wire up; echo; exec sleep infinity";
        let mut process = outliving_nobody()
            .args(["unshare", "--net", "sh", "-euc", script])
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare was there a moment ago");
        first_line(&mut process);
        Self(process)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

impl Machine {
    /// Switches it on.
    pub(crate) fn start(wire: &Wire, blueprint: &Blueprint<'_>) -> Self {
        let name = blueprint.name;
        // Of its own, so that its systemd keeps away from everybody else's.
        let group = control_groups().join(format!("ztgit-test-{}-{name}", std::process::id()));
        fs::create_dir(&group).expect("root may make control groups");
        let script = "echo $$ > \"$0/cgroup.procs\"; exec unshare --cgroup --ipc --mount --net \
                      --pid --uts --fork --kill-child bash \"$@\"";
        let mut process = outliving_nobody()
            .args(["bash", "-euc", script])
            .arg(&group)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/getting_started/machine.sh"
            ))
            .args([blueprint.debian, blueprint.directory])
            .args([name, blueprint.address, &wire.0.id().to_string()])
            .args(blueprint.program)
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare was there a moment ago");
        let number = first_line(&mut process);
        Self {
            name,
            shell: Shell::of(&number),
            process,
            group,
        }
    }

    /// Runs commands in the machine's one shell, each of which has to succeed;
    /// comes back with what they said.
    #[track_caller]
    pub(crate) fn run(&mut self, commands: &str) -> String {
        // What reads its input would read the next block.
        let block = format!("{{\n{commands}\n}} </dev/null 2>&1\necho '{END}'\n");
        let written = self.shell.input.write_all(block.as_bytes());
        let mut said = String::new();
        loop {
            let before = said.len();
            let read = self.shell.output.read_line(&mut said);
            let read = read.expect("machines write text");
            assert!(
                read > 0 && written.is_ok(),
                "{} failed at\n{commands}\nafter it said\n{said}",
                self.name
            );
            if said[before..].trim_end() == END {
                said.truncate(before);
                return said;
            }
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        end(&mut self.shell.process);
        end(&mut self.process);
        remove_group(&self.group);
    }
}

impl Shell {
    fn of(number: &str) -> Self {
        let mut process = outliving_nobody()
            .args(["nsenter", "--target", number, "--root"])
            .args(["--cgroup", "--ipc", "--mount", "--net", "--pid", "--uts"])
            .args(SHELL)
            .arg("pipefail")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("nsenter was there a moment ago");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        Self {
            input,
            output,
            process,
        }
    }
}

/// A process that goes when the test does, however that ends.
fn outliving_nobody() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    command
}

fn first_line(process: &mut Child) -> String {
    let output = process.stdout.take().expect("it is piped");
    let mut line = String::new();
    let read = BufReader::new(output.take(64)).read_line(&mut line);
    assert!(read.is_ok() && line.ends_with('\n'), "it did not start");
    line.trim().to_owned()
}

fn end(process: &mut Child) {
    // It may have ended by itself.
    let _ = process.kill();
    let _ = process.wait();
}

fn control_groups() -> PathBuf {
    let mounts = fs::read_to_string("/proc/mounts").expect("/proc is there");
    let mut mounts = mounts.lines().map(|mount| mount.split(' '));
    let found = mounts.find_map(|mut mount| {
        let place = mount.nth(1)?;
        (mount.next()? == "cgroup2").then(|| PathBuf::from(place))
    });
    found.expect("systemd needs control groups of version 2")
}

/// Ends what is left in it, and takes it away once that is gone.
fn remove_group(group: &Path) {
    let _ = fs::write(group.join("cgroup.kill"), "1");
    for _ in 0..100 {
        remove_groups(group);
        if !group.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// With those below it; the kernel takes their files away.
fn remove_groups(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}
