//! Puts a folder in place, with a way back that needs nobody's login.

use serde::Serialize;

use crate::activation;
use crate::command::{Command, CommandError, Timer, TimerKeeper};
use crate::compare::{Comparison, compare};
use crate::drift;
use crate::error::{Error, IoContext as _};
use crate::guard::Held;
use crate::host::Host;
use crate::path::HostPath;
use crate::plan::PlannedChange;
use crate::source::Source;
use crate::state::{Lock, Patience, Phase, State};
use crate::transaction::{self, Restored};
use crate::watch;

/// Whether an apply stays by itself.
#[derive(Debug, Clone)]
pub enum Confirmation {
    /// It stays.
    NotNeeded,
    /// It is taken back, unless somebody confirms it from a new connection.
    Within {
        /// In how many seconds.
        seconds: u32,
        /// What takes it back: a program that calls
        /// [`rollback`](crate::rollback) with
        /// [`Which::Unconfirmed`](crate::Which::Unconfirmed), by its absolute
        /// path, and its arguments. `--transaction` and a number are added.
        rollback: Vec<String>,
    },
}

/// What an apply did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// Its number; none where nothing had to change.
    pub transaction: Option<u64>,
    /// Files, in the order in which they were written.
    pub changes: Vec<PlannedChange>,
    /// Files that were kept back.
    pub held: Vec<Held>,
    /// What took effect, in this order.
    pub activation: Vec<String>,
    /// Seconds left to confirm it.
    pub confirm_within: Option<u32>,
    /// Files of an earlier apply that had been cut short, put back first.
    pub recovered: Vec<HostPath>,
}

/// Brings the node into the state of the folder: all of it, or nothing.
///
/// What is loaded and differs from its file is loaded again, also where the file
/// itself is as it should be.
pub fn apply(
    host: &mut Host<'_>,
    source: &Source,
    confirmation: &Confirmation,
) -> Result<Applied, Error> {
    let lock = Lock::take(host, Patience::Refuse)?;
    let mut state = State::load(host)?;
    let recovered = transaction::recover(host, &lock, &mut state)?;
    if let Some(Phase::Unconfirmed(_)) = state.transaction.as_ref().map(|it| &it.phase) {
        return Err(Error::Unconfirmed);
    }
    transaction::check_node(&state, source)?;
    let comparison = compare(host, &state, source)?;
    let mut applied = Applied {
        transaction: None,
        changes: comparison.pending.iter().map(PlannedChange::of).collect(),
        held: comparison.held.clone(),
        activation: Vec::new(),
        confirm_within: None,
        recovered: recovered.map_or_else(Vec::new, |restored| restored.paths),
    };
    if comparison.pending.is_empty() {
        applied.activation = reload(host, &comparison)?;
        state.installed = Some(comparison.installation);
        state.store(host, &lock)?;
        return Ok(applied);
    }
    check_rulesets(host, &comparison)?;
    let id = state.last + 1;
    let begun = transaction::begin(host, &lock, &mut state, &comparison);
    match begun.and_then(|()| carry_out(host, &lock, &mut state, &comparison, confirmation)) {
        Ok(activation) => applied.activation = activation,
        Err(cause) => return Err(back(host, &lock, id, cause)),
    }
    applied.transaction = Some(state.last);
    if let Confirmation::Within { seconds, .. } = confirmation {
        applied.confirm_within = Some(*seconds);
    }
    Ok(applied)
}

/// nft judges every ruleset before anything is written.
fn check_rulesets(host: &mut Host<'_>, comparison: &Comparison) -> Result<(), Error> {
    for ruleset in comparison.pending.iter().filter_map(|it| it.ruleset()) {
        match host.run(&Command::CheckNftables(ruleset.to_vec())) {
            Ok(_) | Err(CommandError::NotRun(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn carry_out(
    host: &mut Host<'_>,
    lock: &Lock,
    state: &mut State,
    comparison: &Comparison,
    confirmation: &Confirmation,
) -> Result<Vec<String>, Error> {
    let timer = arm(host, state.last, confirmation)?;
    let transaction = state.transaction.as_mut().expect("it was begun");
    if timer.is_some() {
        transaction.timer = timer;
        state.store(host, lock)?;
    }
    let transaction = state.transaction.as_ref().expect("it was begun");
    transaction::write(host, transaction, &comparison.pending)?;
    set_phase(host, lock, state, Phase::Activating)?;
    let changes = comparison.pending.iter().map(|pending| &pending.change);
    let mut activation = Vec::new();
    for due in activation::forward(changes) {
        activation::act(host, &due)?;
        activation.push(due.to_string());
    }
    state.installed = Some(comparison.installation.clone());
    let phase = match confirmation {
        Confirmation::NotNeeded => Phase::Confirmed,
        Confirmation::Within { .. } => {
            let now = host
                .processes
                .now()
                .context(|| "read the clock".to_owned())?;
            Phase::Unconfirmed(now)
        }
    };
    set_phase(host, lock, state, phase)?;
    Ok(activation)
}

fn set_phase(host: &Host<'_>, lock: &Lock, state: &mut State, phase: Phase) -> Result<(), Error> {
    state.transaction.as_mut().expect("it was begun").phase = phase;
    state.store(host, lock)
}

/// Starts what takes the apply back, before it does anything: activating it may
/// end this session, and this process with it.
fn arm(host: &mut Host<'_>, id: u64, confirmation: &Confirmation) -> Result<Option<String>, Error> {
    let Confirmation::Within { seconds, rollback } = confirmation else {
        return Ok(None);
    };
    let keeper = watch::keeper(host)?;
    if keeper == TimerKeeper::Systemd {
        watch::install_recovery(host, rollback)?;
    }
    let mut program = rollback.clone();
    program.extend(["--transaction".to_owned(), id.to_string()]);
    let name = format!("ztgit-host-rollback-{id}");
    host.run(&Command::ArmTimer(Timer {
        name: name.clone(),
        seconds: *seconds,
        program,
        keeper,
    }))?;
    Ok((keeper == TimerKeeper::Systemd).then_some(name))
}

/// Loads again what is not loaded as it is on the disk.
fn reload(host: &mut Host<'_>, comparison: &Comparison) -> Result<Vec<String>, Error> {
    let mut activation = Vec::new();
    for due in drift::unloaded(host, &comparison.installation) {
        activation::act(host, &due)?;
        activation.push(due.to_string());
    }
    Ok(activation)
}

/// What is on the disk decides how far the apply got: the last write of the
/// state may have failed. What it has of an earlier apply is not to be touched.
fn back(host: &mut Host<'_>, lock: &Lock, id: u64, cause: Error) -> Error {
    let cause = Box::new(cause);
    let restored = State::load(host).and_then(|mut state| {
        if state.transaction.as_ref().is_some_and(|it| it.id == id) {
            transaction::roll_back(host, lock, &mut state)
        } else {
            Ok(Restored::default())
        }
    });
    match restored {
        Ok(restored) => Error::RolledBack {
            cause,
            failures: restored.failures,
        },
        Err(source) => Error::Stuck {
            cause,
            source: Box::new(source),
        },
    }
}
