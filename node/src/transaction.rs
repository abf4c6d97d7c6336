//! All files or none: by a journal and renames.
//!
//! Before anything changes, the journal has every path with what was there, and
//! the old bytes are beside it. New bytes are written under other names, next to
//! their targets, and on the disk before the first rename. So after a crash at
//! any moment each file is old or new, and [`recover`] makes all of them old.

use std::fmt::Display;

use crate::activation;
use crate::command::Command;
use crate::compare::{Comparison, Pending};
use crate::digest::Sha256;
use crate::error::{Error, IoContext as _};
use crate::host::Host;
use crate::kernel;
use crate::path::HostPath;
use crate::root::Kind;
use crate::source::{LARGEST_FILE, Source};
use crate::state::{Change, Lock, Phase, State, Transaction, Version, backup_path, staged_name};

/// What a way back came to.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// The files that are old again.
    pub(crate) paths: Vec<HostPath>,
    /// Programs that failed on the way.
    pub(crate) failures: Vec<String>,
}

/// A folder of another node would take everything away that is here.
pub(crate) fn check_node(state: &State, source: &Source) -> Result<(), Error> {
    let given = format!("{}/{}", source.cluster, source.node);
    let own = state
        .installed
        .as_ref()
        .map(|it| format!("{}/{}", it.cluster, it.node));
    match own {
        Some(own) if own != given => Err(Error::OtherNode { given, own }),
        _ => Ok(()),
    }
}

/// Keeps the old bytes and opens the journal. Nothing else has changed when it
/// comes back.
pub(crate) fn begin(
    host: &mut Host<'_>,
    lock: &Lock,
    state: &mut State,
    comparison: &Comparison,
) -> Result<(), Error> {
    let id = state.last + 1;
    for (index, pending) in comparison.pending.iter().enumerate() {
        if let Some(old) = &pending.old {
            let backup = backup_path(id, index);
            let metadata = host.owned(crate::digest::Mode::of_bits(0o600));
            host.root
                .replace(&backup, old, metadata)
                .context(|| format!("keep {}", pending.change.path))?;
        }
    }
    let changes: Vec<_> = comparison
        .pending
        .iter()
        .map(|pending| pending.change.clone())
        .collect();
    let transaction = Transaction {
        id,
        phase: Phase::Writing,
        directories: absent_directories(host, &changes)?,
        units: activation::units(host, changes.iter())?,
        parameters: kernel::parameters(host, &comparison.pending)?,
        changes,
        before: state.installed.clone(),
        timer: None,
    };
    state.last = id;
    state.transaction = Some(transaction);
    state.store(host, lock)?;
    state.sweep(host, lock)
}

fn absent_directories(host: &Host<'_>, changes: &[Change]) -> Result<Vec<HostPath>, Error> {
    let mut absent = Vec::new();
    for change in changes.iter().filter(|change| change.after.is_some()) {
        let path = change.path.as_str();
        for (end, _) in path.match_indices('/').skip(1) {
            let directory = HostPath::new(&path[..end]).expect("a part of a path is one");
            let found = host
                .root
                .look(&directory)
                .context(|| format!("look at {directory}"))?;
            if found.is_none() && !absent.contains(&directory) {
                absent.push(directory);
            }
        }
    }
    Ok(absent)
}

/// Puts all new files in place.
pub(crate) fn write(
    host: &mut Host<'_>,
    transaction: &Transaction,
    pending: &[Pending],
) -> Result<(), Error> {
    let staged = |index| staged_name(transaction.id, index);
    for (index, pending) in pending.iter().enumerate() {
        let Change { path, after, .. } = &pending.change;
        if let (Some(version), Some(bytes)) = (after, &pending.new) {
            make_directory(host, path)?;
            host.root
                .stage(path, &staged(index), bytes, version.metadata)
                .context(|| format!("write {path}"))?;
        }
    }
    for unit in activation::retired(transaction) {
        host.run(&Command::Disable(unit))?;
    }
    for (index, Change { path, after, .. }) in transaction.changes.iter().enumerate() {
        match after {
            Some(_) => host.root.publish(path, &staged(index)),
            None => host.root.remove(path),
        }
        .context(|| format!("replace {path}"))?;
    }
    Ok(())
}

fn make_directory(host: &Host<'_>, path: &HostPath) -> Result<(), Error> {
    let (directory, _) = path.split();
    // Keys are made there, and never under a mode of ours.
    let bits = if directory == "etc/wireguard" {
        0o700
    } else {
        0o755
    };
    host.root
        .make_directory(directory, bits)
        .context(|| format!("make the directory of {path}"))
}

/// Takes back what a crash left half done, and what was never confirmed before
/// the machine started anew. Nothing where there is no such thing.
pub(crate) fn recover(
    host: &mut Host<'_>,
    lock: &Lock,
    state: &mut State,
) -> Result<Option<Restored>, Error> {
    let Some(transaction) = &state.transaction else {
        return Ok(None);
    };
    let leads_back = match &transaction.phase {
        Phase::Writing | Phase::Activating | Phase::RollingBack => true,
        Phase::Confirmed => false,
        Phase::Unconfirmed(moment) => {
            let now = host
                .processes
                .now()
                .context(|| "read the clock".to_owned())?;
            now.boot != moment.boot
        }
    };
    if leads_back {
        roll_back(host, lock, state).map(Some)
    } else {
        Ok(None)
    }
}

/// Puts the old state back. May be repeated after it failed.
pub(crate) fn roll_back(
    host: &mut Host<'_>,
    lock: &Lock,
    state: &mut State,
) -> Result<Restored, Error> {
    let Some(transaction) = &mut state.transaction else {
        return Ok(Restored::default());
    };
    // Where nothing was activated, nothing has to be activated again.
    let was_active = transaction.phase != Phase::Writing;
    transaction.phase = Phase::RollingBack;
    let transaction = transaction.clone();
    state.store(host, lock)?;
    let mut failures = Vec::new();
    if was_active {
        for unit in activation::introduced(&transaction) {
            note(host.run(&Command::Disable(unit)), &mut failures);
        }
    }
    for (index, change) in transaction.changes.iter().enumerate() {
        restore(host, transaction.id, index, change)?;
    }
    for directory in transaction.directories.iter().rev() {
        host.root
            .remove_directory(directory)
            .context(|| format!("remove {directory}"))?;
    }
    activate_old(host, &transaction, was_active, &mut failures);
    state.installed = transaction.before;
    state.transaction = None;
    state.store(host, lock)?;
    state.sweep(host, lock)?;
    let paths = transaction.changes.into_iter().map(|it| it.path).collect();
    Ok(Restored { paths, failures })
}

fn activate_old(
    host: &mut Host<'_>,
    transaction: &Transaction,
    was_active: bool,
    failures: &mut Vec<String>,
) {
    if was_active {
        for due in activation::backward(transaction) {
            note(activation::act(host, &due), failures);
        }
        for parameter in &transaction.parameters {
            note(kernel::restore(host, parameter), failures);
        }
    }
    // Units that were to go were stopped before any file was replaced.
    for unit in activation::retired(transaction) {
        let command = activation::bring_back(transaction, unit);
        note(host.run(&command), failures);
    }
    if let Some(timer) = &transaction.timer {
        // It is gone already where this is what it runs.
        let _ = host.run(&Command::DisarmTimer(timer.clone()));
    }
}

/// A program that fails keeps no file from being put back.
fn note<T, E: Display>(result: Result<T, E>, failures: &mut Vec<String>) {
    failures.extend(result.err().map(|error| error.to_string()));
}

fn restore(host: &Host<'_>, id: u64, index: usize, change: &Change) -> Result<(), Error> {
    let path = &change.path;
    let action = || format!("restore {path}");
    let staged = staged_name(id, index);
    host.root.unstage(path, &staged).context(action)?;
    let Some(before) = change.before else {
        return host.root.remove(path).context(action);
    };
    if is_at(host, path, before)? {
        return Ok(());
    }
    let backup = backup_path(id, index);
    let bytes = host.root.read(&backup, LARGEST_FILE).context(action)?;
    if Sha256::of(&bytes) != before.sha256 {
        return Err(Error::Damaged {
            path: backup.to_string(),
            message: format!("it is not what was at {path}"),
        });
    }
    make_directory(host, path)?;
    host.root
        .stage(path, &staged, &bytes, before.metadata)
        .context(action)?;
    host.root.publish(path, &staged).context(action)?;
    if is_at(host, path, before)? {
        Ok(())
    } else {
        Err(std::io::Error::other("it reads back as something else")).context(action)
    }
}

fn is_at(host: &Host<'_>, path: &HostPath, version: Version) -> Result<bool, Error> {
    let action = || format!("look at {path}");
    let found = host.root.look(path).context(action)?;
    if !found.is_some_and(|it| it.kind == Kind::File && it.metadata == version.metadata) {
        return Ok(false);
    }
    let bytes = host.root.read(path, LARGEST_FILE).context(action)?;
    Ok(Sha256::of(&bytes) == version.sha256)
}
