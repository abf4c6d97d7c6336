//! Who takes an unconfirmed apply back.
//!
//! Two things survive the session: a timer that counts on a clock that nobody
//! sets, and, for a machine that is switched off meanwhile, a unit that looks at
//! every boot, before the network is up.

use crate::command::{Command, TimerKeeper};
use crate::digest::Mode;
use crate::error::{Error, IoContext as _};
use crate::host::Host;
use crate::path::HostPath;
use crate::source::LARGEST_FILE;

const RECOVERY: &str = "/etc/systemd/system/ztgit-host-recover.service";

/// systemd where it runs, and a process of ours elsewhere.
pub(crate) fn keeper(host: &Host<'_>) -> Result<TimerKeeper, Error> {
    let mark = HostPath::new("/run/systemd/system").expect("it is a path");
    let found = host
        .root
        .look(&mark)
        .context(|| format!("look at {mark}"))?;
    Ok(match found {
        Some(_) => TimerKeeper::Systemd,
        None => TimerKeeper::Process,
    })
}

/// Writes the unit for the next boot, unless it is there.
pub(crate) fn install_recovery(host: &mut Host<'_>, rollback: &[String]) -> Result<(), Error> {
    let path = HostPath::new(RECOVERY).expect("it is a path");
    let text = recovery(rollback);
    let present = host.root.read(&path, LARGEST_FILE);
    if present.is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    let metadata = host.owned(Mode::of_bits(0o644));
    host.root
        .replace(&path, text.as_bytes(), metadata)
        .context(|| format!("write {path}"))?;
    host.run(&Command::EnableRecovery)?;
    Ok(())
}

fn recovery(rollback: &[String]) -> String {
    let command: Vec<_> = rollback.iter().map(|word| quoted(word)).collect();
    format!(
        "\
# Written by `ztgit host apply`. Takes back an apply that was cut short, or that
# nobody confirmed before the machine was switched off.
[Unit]
Description=Take back an unconfirmed ztgit host apply
DefaultDependencies=no
RequiresMountsFor=/etc /usr/local /var/lib/ztgit
Before=network-pre.target ztgit-nftables.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart={}

[Install]
WantedBy=sysinit.target
",
        command.join(" ")
    )
}

/// A word of a unit's command, in which nothing is replaced.
fn quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for character in word.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '%' | '$' => quoted.extend([character, character]),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_command_stays_one_word() {
        assert_eq!(quoted("a b\"%n$HOME\\"), r#""a b\"%%n$$HOME\\""#);
    }
}
