//! What `/proc` says of this boot and of the login behind this process.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A `/proc`.
#[derive(Debug)]
pub(crate) struct Processes(PathBuf);

/// A moment of one boot, by a clock that nobody sets: hundredths of a second
/// since the kernel started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Moment {
    pub(crate) boot: String,
    pub(crate) hundredths: u64,
}

/// Through what somebody gives commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// A connection of SSH, and when it began.
    Ssh { began: u64 },
    /// Anything else: a console, a terminal multiplexer, a service.
    Local,
}

/// Servers of SSH, by the first letters of their processes' names.
const SSH_SERVERS: [&str; 2] = ["sshd", "dropbear"];
const MOST_ANCESTORS: usize = 64;

impl Processes {
    pub(crate) fn of(directory: PathBuf) -> Self {
        Self(directory)
    }

    /// Now.
    pub(crate) fn now(&self) -> io::Result<Moment> {
        let boot = fs::read_to_string(self.0.join("sys/kernel/random/boot_id"))?;
        let uptime = fs::read_to_string(self.0.join("uptime"))?;
        let hundredths = uptime.split(' ').next().and_then(|seconds| {
            let (whole, part) = seconds.split_once('.')?;
            Some(whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?)
        });
        Ok(Moment {
            boot: boot.trim().to_owned(),
            hundredths: hundredths.ok_or_else(|| io::Error::other("uptime has no number"))?,
        })
    }

    /// The login that this process descends from. Each connection has a server
    /// process of its own, which began with it; that holds for what `sudo` runs
    /// and for further sessions of one connection too.
    pub(crate) fn login(&self) -> io::Result<Login> {
        let mut process = fs::read_to_string(self.0.join("self/stat"))?;
        for _ in 0..MOST_ANCESTORS {
            let stat = Stat::parse(&process)
                .ok_or_else(|| io::Error::other("a process has no status that can be read"))?;
            if SSH_SERVERS
                .iter()
                .any(|server| stat.name.starts_with(server))
            {
                let began = stat.began;
                return Ok(Login::Ssh { began });
            }
            if stat.parent <= 1 {
                break;
            }
            process = fs::read_to_string(self.0.join(stat.parent.to_string()).join("stat"))?;
        }
        Ok(Login::Local)
    }
}

struct Stat<'a> {
    name: &'a str,
    parent: u32,
    /// In clock ticks, of which the kernel shows programs a hundred a second.
    began: u64,
}

impl<'a> Stat<'a> {
    /// A name stands in brackets and may hold brackets itself.
    fn parse(text: &'a str) -> Option<Self> {
        let (before, after) = text.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let mut fields = after.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let began = fields.nth(17)?.parse().ok()?;
        Some(Self {
            name,
            parent,
            began,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_a_status_and_an_uptime() {
        let processes = Processes::of(PathBuf::from("/proc"));
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let stat = Stat::parse(&stat).unwrap();
        let now = processes.now().unwrap();
        assert_eq!(stat.parent, std::os::unix::process::parent_id());
        assert!(stat.began > 0 && stat.began <= now.hundredths + 100);
        assert_eq!(now.boot.len(), 36);
    }
}
