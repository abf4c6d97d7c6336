//! What is run on a node: a closed list, through one boundary.

use std::fs::File;
use std::io::{self, Write as _};
use std::process::{self, Stdio};

use crate::name::{Interface, UnitName};
use crate::path::HostPath;
use crate::root::Root;

/// Programs are looked for where the system has them, whatever the session's
/// environment says.
const SEARCH_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
/// After so many seconds a program is ended; one that hangs must not keep the
/// way back closed.
const LONGEST_RUN: u32 = 90;
/// A service gets longer. systemd itself gives most 90 seconds to stop and 90 more
/// to start, and k3s, whose unit sets no limit, takes minutes on a slow machine.
const LONGEST_SERVICE_RUN: u32 = 300;

const UNHOOK: &str = "for tool in iptables ip6tables; do \
for hook in INPUT FORWARD; do \
while $tool --wait --delete $hook --jump ZTGIT-$hook 2>/dev/null; do :; done; done; done";

/// One run of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// nft judges a ruleset without loading it.
    CheckNftables(Vec<u8>),
    /// nft loads a ruleset in one transaction.
    LoadNftables(Vec<u8>),
    /// Packets do not reach the chains of `iptables-restore` files any more.
    UnhookIptables,
    /// The chains as they are in the kernel.
    ListIptables(Family),
    /// The chains as rules would make them, tried in an empty network namespace.
    ListRenderedIptables(Family, Vec<u8>),
    /// The table as it is in the kernel.
    ListNftables,
    /// The table as a ruleset would make it, tried in an empty network
    /// namespace.
    ListRendered(Vec<u8>),
    /// systemd reads its units again.
    DaemonReload,
    /// Starts a unit now and at every boot.
    Enable(UnitName),
    /// Stops a unit now and at every boot.
    Disable(UnitName),
    /// A service reads its configuration again.
    Reload(UnitName),
    /// A service starts anew.
    Restart(UnitName),
    /// A unit's state.
    ShowUnit(UnitName),
    /// An interface gets the peers of its file and keeps its key.
    SyncWireguard(Interface),
    /// When each peer of each interface was last heard.
    LatestHandshakes,
    /// An interface's peers with their addresses.
    ShowPeers(Interface),
    /// An interface's UDP port.
    ShowListenPort(Interface),
    /// The public half of the private key in a file.
    PublicKey(HostPath),
    /// Sets the kernel parameters of a file.
    LoadSysctl(HostPath),
    /// A kernel parameter's value.
    ReadSysctl(String),
    /// Gives a kernel parameter a value.
    SetSysctl {
        /// Its name.
        key: String,
        /// The value.
        value: String,
    },
    /// Starts a program once, some seconds from now, whatever becomes of this
    /// session.
    ArmTimer(Timer),
    /// Takes that back.
    DisarmTimer(String),
    /// Has a unit that was written past the journal started at every boot.
    EnableRecovery,
}

/// The family of addresses that an iptables program is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    fn tool(self) -> &'static str {
        match self {
            Self::V4 => "iptables",
            Self::V6 => "ip6tables",
        }
    }
}

/// A program that runs once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// The unit's name, without its type.
    pub name: String,
    /// In how many seconds, of a clock that nobody sets.
    pub seconds: u32,
    /// The program, by its absolute path, and its arguments.
    pub program: Vec<String>,
    /// Who keeps the time.
    pub keeper: TimerKeeper,
}

/// Who keeps the time for a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKeeper {
    /// systemd.
    Systemd,
    /// A process of its own session, where there is no systemd.
    Process,
}

/// Why a command gave no result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It was not run: the files are not those of the running machine.
    #[error("`{0}` is only run on the machine itself")]
    NotRun(String),
    /// It could not be started.
    #[error("cannot run `{command}`")]
    Start {
        /// What was to be run.
        command: String,
        /// Why it was not.
        #[source]
        source: io::Error,
    },
    /// It failed.
    #[error("`{command}` failed ({status}): {message}")]
    Failed {
        /// What was run.
        command: String,
        /// How it ended.
        status: process::ExitStatus,
        /// What it said.
        message: String,
    },
}

/// Who runs commands.
pub trait Commands {
    /// Runs one to its end and gives what it printed.
    fn run(&mut self, command: &Command, root: &Root) -> Result<Vec<u8>, CommandError>;
}

/// Runs them on this machine.
#[derive(Debug, Default)]
pub struct System;

/// Runs none, and remembers those that would have changed something.
#[derive(Debug, Default)]
pub struct Recorder {
    /// In the order in which they came, as command lines.
    pub recorded: Vec<String>,
}

impl Command {
    /// The program and its arguments.
    pub fn line(&self) -> Vec<String> {
        let unit = |verb: &[&str], unit: &UnitName| {
            let fixed = ["systemctl"].into_iter().chain(verb.iter().copied());
            owned(fixed.chain([unit.as_str()]))
        };
        let words = |text: &str| owned(text.split(' '));
        let with = |text: &str, last: &str| owned(text.split(' ').chain([last]));
        match self {
            Self::CheckNftables(_) => words("nft --check --file -"),
            Self::LoadNftables(_) => words("nft --file -"),
            Self::UnhookIptables => owned(["sh", "-c", UNHOOK]),
            Self::ListIptables(family) => words(&format!("{}-save --table filter", family.tool())),
            Self::ListRenderedIptables(family, _) => {
                let tool = family.tool();
                let try_out = format!("{tool}-restore && exec {tool}-save --table filter");
                owned(["unshare", "--net", "sh", "-c", &try_out])
            }
            Self::ListNftables => words("nft --stateless list table inet ztgit"),
            Self::ListRendered(_) => owned([
                "unshare",
                "--net",
                "sh",
                "-c",
                "nft --file - && exec nft --stateless list table inet ztgit",
            ]),
            Self::DaemonReload => words("systemctl daemon-reload"),
            Self::Enable(name) => unit(&["enable", "--now"], name),
            Self::Disable(name) => unit(&["disable", "--now"], name),
            Self::Reload(name) => unit(&["reload"], name),
            Self::Restart(name) => unit(&["restart"], name),
            Self::ShowUnit(name) => unit(
                &[
                    "show",
                    "--property=LoadState,ActiveState,UnitFileState,NeedDaemonReload",
                ],
                name,
            ),
            Self::SyncWireguard(name) => with("/usr/local/lib/ztgit/wg-sync", name.as_str()),
            Self::LatestHandshakes => words("wg show all latest-handshakes"),
            Self::ShowPeers(name) => owned(["wg", "show", name.as_str(), "allowed-ips"]),
            Self::ShowListenPort(name) => owned(["wg", "show", name.as_str(), "listen-port"]),
            Self::PublicKey(_) => words("wg pubkey"),
            Self::LoadSysctl(path) => with("sysctl --quiet --load", path.as_str()),
            Self::ReadSysctl(key) => with("sysctl --values", key),
            Self::SetSysctl { key, value } => {
                with("sysctl --quiet --write", &format!("{key}={value}"))
            }
            Self::ArmTimer(timer) => timer.line(),
            Self::DisarmTimer(name) => with("systemctl stop", &format!("{name}.timer")),
            Self::EnableRecovery => words("systemctl enable ztgit-host-recover.service"),
        }
    }

    /// Whether it only asks.
    pub fn is_question(&self) -> bool {
        matches!(
            self,
            Self::CheckNftables(_)
                | Self::ListIptables(_)
                | Self::ListRenderedIptables(..)
                | Self::ListNftables
                | Self::ListRendered(_)
                | Self::ShowUnit(_)
                | Self::LatestHandshakes
                | Self::ShowPeers(_)
                | Self::ShowListenPort(_)
                | Self::PublicKey(_)
                | Self::ReadSysctl(_)
        )
    }

    fn longest_run(&self) -> u32 {
        match self {
            Self::Enable(_) | Self::Disable(_) | Self::Reload(_) | Self::Restart(_) => {
                LONGEST_SERVICE_RUN
            }
            _ => LONGEST_RUN,
        }
    }

    fn input(&self) -> &[u8] {
        match self {
            Self::CheckNftables(text)
            | Self::LoadNftables(text)
            | Self::ListRendered(text)
            | Self::ListRenderedIptables(_, text) => text,
            _ => &[],
        }
    }
}

impl Timer {
    fn line(&self) -> Vec<String> {
        let mut line = match self.keeper {
            // OnActiveSec counts on CLOCK_MONOTONIC.
            TimerKeeper::Systemd => owned([
                "systemd-run",
                "--quiet",
                "--collect",
                &format!("--unit={}", self.name),
                &format!("--on-active={}s", self.seconds),
                "--timer-property=AccuracySec=1s",
                "--",
            ]),
            TimerKeeper::Process => owned([
                "setsid",
                "--fork",
                "sh",
                "-c",
                // `sleep` counts on CLOCK_MONOTONIC too.
                "sleep \"$0\" && exec \"$@\" >/dev/null 2>&1 </dev/null",
                &self.seconds.to_string(),
            ]),
        };
        line.extend(self.program.iter().cloned());
        line
    }
}

fn owned<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl Commands for System {
    fn run(&mut self, command: &Command, root: &Root) -> Result<Vec<u8>, CommandError> {
        let line = command.line();
        let start = |source| CommandError::Start {
            command: line.join(" "),
            source,
        };
        let output = output(&line, command, root).map_err(start)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(CommandError::Failed {
            command: line.join(" "),
            status: output.status,
            message: crate::text::escaped(message.trim(), 2000),
        })
    }
}

fn output(line: &[String], command: &Command, root: &Root) -> io::Result<process::Output> {
    let mut program = process::Command::new("timeout");
    program
        .args(["--kill-after=5", &command.longest_run().to_string()])
        .args(line)
        .env_clear()
        .env("PATH", SEARCH_PATH)
        .env("LC_ALL", "C")
        .current_dir("/");
    // A process that outlives this one must hold no end of a pipe.
    if matches!(command, Command::ArmTimer(_)) {
        let (out, error) = (Stdio::null(), Stdio::null());
        return program
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(error)
            .output();
    }
    // The private key goes from its file to `wg` and through no other process.
    if let Command::PublicKey(path) = command {
        return program.stdin(root.open_file(path)?).output();
    }
    let mut input = scratch_file(command.input())?;
    io::Seek::rewind(&mut input)?;
    program.stdin(input).output()
}

/// Input as a file without a name: a pipe could fill up while nobody reads.
fn scratch_file(bytes: &[u8]) -> io::Result<File> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::memfd_create("ztgit", flags)?);
    file.write_all(bytes)?;
    Ok(file)
}

impl Commands for Recorder {
    fn run(&mut self, command: &Command, _: &Root) -> Result<Vec<u8>, CommandError> {
        let line = command.line().join(" ");
        if command.is_question() {
            return Err(CommandError::NotRun(line));
        }
        self.recorded.push(line);
        Ok(Vec::new())
    }
}
