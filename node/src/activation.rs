//! Makes changed files take effect, in an order that locks nobody out.
//!
//! Units first, then WireGuard, so that there is a way in before a firewall
//! closes the others; then the firewall, then services. On the way back the
//! same, and what was not there before is taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::command::{Command, CommandError};
use crate::error::{Error, IoContext as _};
use crate::format::{self, Format, nftables};
use crate::host::Host;
use crate::manifest::Step;
use crate::name::UnitName;
use crate::path::HostPath;
use crate::source::LARGEST_FILE;
use crate::state::{Change, Transaction, UnitState};

/// Something to be done, ordered by when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    rank: Rank,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Units,
    Kernel,
    Tunnels,
    Firewall,
    Services,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Take(Step),
    /// The file is a ruleset for nft.
    LoadRuleset(HostPath),
    /// The file has kernel parameters.
    LoadParameters(HostPath),
    /// The firewall's table goes.
    RemoveTable,
    /// The firewall's chains are not reached any more.
    UnhookChains,
}

/// What follows once an apply's files are in place.
pub(crate) fn forward<'a>(changes: impl IntoIterator<Item = &'a Change>) -> BTreeSet<Due> {
    let mut due = BTreeSet::new();
    for change in changes {
        match change.after {
            Some(_) => due.extend(steps(&change.path, &change.steps_after)),
            None => due.extend(farewell(&change.path, &change.steps_before)),
        }
    }
    due
}

/// What follows once the old files are back.
pub(crate) fn backward(transaction: &Transaction) -> BTreeSet<Due> {
    let mut due = BTreeSet::new();
    for change in &transaction.changes {
        match change.before {
            None => due.extend(farewell(&change.path, &change.steps_after)),
            // What was there before the first apply takes effect in the same way.
            Some(_) if change.steps_before.is_empty() => {
                due.extend(steps(&change.path, &change.steps_after));
            }
            Some(_) => due.extend(steps(&change.path, &change.steps_before)),
        }
    }
    due.retain(|due| match &due.action {
        Action::Take(Step::Enable(unit)) => was_enabled(&transaction.units, unit),
        _ => true,
    });
    due
}

/// Units that run, now or from the next boot on, and have to go before their
/// files do, because an apply removes them: `wg-quick` reads the file to take
/// its interface down.
pub(crate) fn retired(transaction: &Transaction) -> BTreeSet<UnitName> {
    let leaving = transaction
        .changes
        .iter()
        .filter(|change| change.after.is_none());
    let mut units = enabled(leaving.flat_map(|change| &change.steps_before));
    units.retain(|unit| {
        let state = transaction.units.get(unit);
        state.is_some_and(|unit| unit.is_enabled || unit.is_active)
    });
    units
}

/// Makes a unit that went what it was.
pub(crate) fn bring_back(transaction: &Transaction, unit: UnitName) -> Command {
    if was_enabled(&transaction.units, &unit) {
        Command::Enable(unit)
    } else {
        // It ran without being enabled; this starts what does not run.
        Command::Restart(unit)
    }
}

/// Units that an apply enabled and that were not before.
pub(crate) fn introduced(transaction: &Transaction) -> BTreeSet<UnitName> {
    let mut units = enabled(
        transaction
            .changes
            .iter()
            .flat_map(|change| &change.steps_after),
    );
    units.retain(|unit| !was_enabled(&transaction.units, unit));
    units
}

fn was_enabled(units: &BTreeMap<UnitName, UnitState>, unit: &UnitName) -> bool {
    units.get(unit).is_some_and(|unit| unit.is_enabled)
}

fn enabled<'a>(steps: impl Iterator<Item = &'a Step>) -> BTreeSet<UnitName> {
    let unit = |step: &Step| match step {
        Step::Enable(unit) => Some(unit.clone()),
        _ => None,
    };
    steps.filter_map(unit).collect()
}

fn steps(path: &HostPath, steps: &[Step]) -> impl Iterator<Item = Due> {
    steps.iter().map(|step| Due {
        rank: rank(step),
        action: match step {
            Step::LoadNftables => Action::LoadRuleset(path.clone()),
            Step::ApplySysctl => Action::LoadParameters(path.clone()),
            other => Action::Take(other.clone()),
        },
    })
}

/// What follows when a file is gone. Its units are stopped by then.
fn farewell(path: &HostPath, steps: &[Step]) -> BTreeSet<Due> {
    let mut due = BTreeSet::new();
    for step in steps {
        let action = match step {
            Step::LoadNftables => Action::RemoveTable,
            Step::DaemonReload | Step::Reload(_) | Step::Restart(_) => Action::Take(step.clone()),
            Step::Enable(_) | Step::SyncWireguard(_) | Step::ApplySysctl => continue,
        };
        let rank = rank(step);
        due.insert(Due { rank, action });
    }
    if Format::of(path) == Some(Format::Iptables) {
        due.insert(Due {
            rank: Rank::Firewall,
            action: Action::UnhookChains,
        });
    }
    due
}

fn rank(step: &Step) -> Rank {
    match step {
        Step::DaemonReload => Rank::Units,
        Step::ApplySysctl => Rank::Kernel,
        Step::SyncWireguard(_) => Rank::Tunnels,
        Step::LoadNftables => Rank::Firewall,
        Step::Reload(unit) | Step::Restart(unit) | Step::Enable(unit) => {
            if unit.is_wireguard() {
                Rank::Tunnels
            } else if unit.is_firewall() {
                Rank::Firewall
            } else {
                Rank::Services
            }
        }
    }
}

/// Every unit that steps act on, as it is now. Those of which nothing can be
/// learnt are left out.
pub(crate) fn units<'a>(
    host: &mut Host<'_>,
    changes: impl Iterator<Item = &'a Change>,
) -> Result<BTreeMap<UnitName, UnitState>, Error> {
    let mut names = BTreeSet::new();
    for step in changes.flat_map(|change| change.steps_before.iter().chain(&change.steps_after)) {
        if let Step::Enable(unit) | Step::Reload(unit) | Step::Restart(unit) = step {
            names.insert(unit.clone());
        }
    }
    let mut units = BTreeMap::new();
    for name in names {
        if let Some(unit) = unit(host, &name)? {
            units.insert(name, unit);
        }
    }
    Ok(units)
}

fn unit(host: &mut Host<'_>, name: &UnitName) -> Result<Option<UnitState>, Error> {
    match host.run(&Command::ShowUnit(name.clone())) {
        Ok(output) => Ok(Some(UnitStatus::parse(&output).state())),
        Err(CommandError::NotRun(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Does one thing. Services that are not installed, or that somebody stopped,
/// are left alone: they read their files when they start.
pub(crate) fn act(host: &mut Host<'_>, due: &Due) -> Result<(), Error> {
    let command = match &due.action {
        Action::RemoveTable => Command::LoadNftables(nftables::REMOVAL.as_bytes().to_vec()),
        Action::UnhookChains => Command::UnhookIptables,
        Action::LoadRuleset(path) => Command::LoadNftables(checked(host, path, Format::Nftables)?),
        Action::LoadParameters(path) => {
            checked(host, path, Format::Sysctl)?;
            Command::LoadSysctl(path.clone())
        }
        Action::Take(step) => match command(host, step)? {
            Some(command) => command,
            None => return Ok(()),
        },
    };
    host.run(&command)?;
    Ok(())
}

fn command(host: &mut Host<'_>, step: &Step) -> Result<Option<Command>, Error> {
    Ok(match step {
        Step::DaemonReload => Some(Command::DaemonReload),
        Step::Enable(unit) => Some(Command::Enable(unit.clone())),
        Step::Reload(name) => runs(host, name)?.then(|| Command::Reload(name.clone())),
        Step::Restart(name) => runs(host, name)?.then(|| Command::Restart(name.clone())),
        Step::SyncWireguard(interface) => runs(host, &UnitName::of_wireguard(interface))?
            .then(|| Command::SyncWireguard(interface.clone())),
        // These go with their file.
        Step::LoadNftables | Step::ApplySysctl => None,
    })
}

fn runs(host: &mut Host<'_>, name: &UnitName) -> Result<bool, Error> {
    Ok(unit(host, name)?.is_none_or(|unit| unit.is_loaded && unit.is_active))
}

/// A file's bytes, once more within the list of its format: they may have come
/// from before ztgit, on the way back.
fn checked(host: &Host<'_>, path: &HostPath, format: Format) -> Result<Vec<u8>, Error> {
    let bytes = host
        .root
        .read(path, LARGEST_FILE)
        .context(|| format!("read {path}"))?;
    match format::check(format, path, &bytes) {
        Ok(()) => Ok(bytes),
        Err(refusals) => Err(Error::Obstacle(format!(
            "{} is not loaded: {}",
            path, refusals[0]
        ))),
    }
}

/// What `systemctl show` says of a unit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UnitStatus {
    pub(crate) load: String,
    pub(crate) active: String,
    pub(crate) file: String,
    pub(crate) needs_reload: bool,
}

impl UnitStatus {
    pub(crate) fn parse(output: &[u8]) -> Self {
        let mut status = Self::default();
        for line in String::from_utf8_lossy(output).lines() {
            match line.split_once('=') {
                Some(("LoadState", value)) => value.clone_into(&mut status.load),
                Some(("ActiveState", value)) => value.clone_into(&mut status.active),
                Some(("UnitFileState", value)) => value.clone_into(&mut status.file),
                Some(("NeedDaemonReload", value)) => status.needs_reload = value == "yes",
                _ => {}
            }
        }
        status
    }

    fn state(&self) -> UnitState {
        UnitState {
            is_loaded: self.load == "loaded",
            is_active: !matches!(self.active.as_str(), "inactive" | ""),
            is_enabled: self.file.starts_with("enabled"),
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::RemoveTable => f.write_str("remove the firewall's table"),
            Action::UnhookChains => f.write_str("take the firewall's chains out"),
            Action::LoadRuleset(path) => write!(f, "nft --file {path}"),
            Action::LoadParameters(path) => write!(f, "sysctl --load {path}"),
            Action::Take(step) => match step {
                Step::DaemonReload => f.write_str("systemctl daemon-reload"),
                Step::Reload(unit) => write!(f, "systemctl reload {unit}"),
                Step::Restart(unit) => write!(f, "systemctl restart {unit}"),
                Step::Enable(unit) => write!(f, "systemctl enable --now {unit}"),
                Step::SyncWireguard(interface) => write!(f, "wg-sync {interface}"),
                Step::LoadNftables | Step::ApplySysctl => Ok(()),
            },
        }
    }
}
