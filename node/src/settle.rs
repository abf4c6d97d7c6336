//! What becomes of an apply: it is confirmed, or taken back.

use serde::Serialize;

use crate::command::Command;
use crate::error::{Error, IoContext as _};
use crate::host::Host;
use crate::path::HostPath;
use crate::process::{Login, Moment};
use crate::state::{Lock, Patience, Phase, State};
use crate::transaction::{self, Restored};

/// From where an apply is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmFrom {
    /// An SSH connection that began after the apply was done. An older one
    /// proves nothing: a firewall lets established connections go on.
    NewConnection,
    /// The machine's own console, where nobody can be cut off.
    Console,
}

/// What was confirmed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmed {
    /// The apply's number.
    pub transaction: u64,
}

/// What is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The last apply.
    Last,
    /// The last apply, if it was cut short or not confirmed; the one of this
    /// number, where there is a number. This is what timers call.
    Unconfirmed {
        /// The apply's number.
        transaction: Option<u64>,
    },
}

/// What was taken back.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolledBack {
    /// The files that are as they were, each read back.
    pub paths: Vec<HostPath>,
    /// Programs that failed while the old state was activated.
    pub failures: Vec<String>,
}

/// Lets the last apply stay.
pub fn confirm(host: &mut Host<'_>, from: ConfirmFrom) -> Result<Confirmed, Error> {
    let lock = Lock::take(host, Patience::Wait)?;
    let mut state = State::load(host)?;
    transaction::recover(host, &lock, &mut state)?;
    let Some(transaction) = &mut state.transaction else {
        return Err(Error::NothingToConfirm);
    };
    let Phase::Unconfirmed(done) = &transaction.phase else {
        return Err(Error::NothingToConfirm);
    };
    if from == ConfirmFrom::NewConnection {
        let login = host
            .processes
            .login()
            .context(|| "find this login".to_owned())?;
        check_fresh(login, done)?;
    }
    transaction.phase = Phase::Confirmed;
    let (id, timer) = (transaction.id, transaction.timer.clone());
    state.store(host, &lock)?;
    if let Some(timer) = timer {
        // Were it to fire all the same, it would find the apply confirmed.
        let _ = host.run(&Command::DisarmTimer(timer));
    }
    Ok(Confirmed { transaction: id })
}

fn check_fresh(login: Login, done: &Moment) -> Result<(), Error> {
    match login {
        Login::Ssh { began } if began > done.hundredths => Ok(()),
        Login::Ssh { .. } => Err(Error::NotFresh(
            "this connection is older than the apply, so it proves nothing",
        )),
        Login::Local => Err(Error::NotFresh(
            "this is no SSH connection, so it does not prove that one is let in",
        )),
    }
}

/// Puts back what was there before an apply.
pub fn rollback(host: &mut Host<'_>, which: Which) -> Result<RolledBack, Error> {
    let lock = Lock::take(host, Patience::Wait)?;
    let mut state = State::load(host)?;
    let restored = match (&state.transaction, which) {
        (None, Which::Last) => return Err(Error::NothingToRollBack),
        (Some(last), Which::Unconfirmed { transaction })
            if last.is_open() && transaction.is_none_or(|id| id == last.id) =>
        {
            transaction::roll_back(host, &lock, &mut state)?
        }
        (Some(_), Which::Last) => transaction::roll_back(host, &lock, &mut state)?,
        (_, Which::Unconfirmed { .. }) => Restored::default(),
    };
    Ok(RolledBack {
        paths: restored.paths,
        failures: restored.failures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_began_afterwards_is_fresh() {
        let done = Moment {
            boot: String::new(),
            hundredths: 500,
        };
        assert!(check_fresh(Login::Ssh { began: 501 }, &done).is_ok());
        assert!(check_fresh(Login::Ssh { began: 500 }, &done).is_err());
        assert!(check_fresh(Login::Local, &done).is_err());
    }
}
