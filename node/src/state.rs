//! What this node knows of earlier applies: one file, replaced in one step.
//!
//! It is the journal too. Before the first change of an apply it holds, for
//! every path, what was there; so whoever reads it after a crash knows the way
//! back. The bytes that were there are in files beside it.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::digest::{Mode, Sha256};
use crate::error::{Error, IoContext as _};
use crate::host::Host;
use crate::kernel::Parameter;
use crate::manifest::{Lifecycle, Step};
use crate::name::UnitName;
use crate::path::HostPath;
use crate::process::Moment;
use crate::root::Metadata;

const VERSION: u32 = 1;
const DIRECTORY: &str = "var/lib/ztgit/host";
const LARGEST: u64 = 8 << 20;

/// What is known.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct State {
    version: u32,
    /// The number of the last transaction.
    pub(crate) last: u64,
    /// What was applied, if anything was.
    pub(crate) installed: Option<Installation>,
    /// The last apply, as long as it can be taken back.
    pub(crate) transaction: Option<Transaction>,
}

/// What was applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Installation {
    pub(crate) cluster: String,
    pub(crate) node: String,
    pub(crate) manifest: Sha256,
    pub(crate) files: BTreeMap<HostPath, InstalledFile>,
}

/// A file that was applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct InstalledFile {
    pub(crate) sha256: Sha256,
    pub(crate) mode: Mode,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) activation: Vec<Step>,
}

/// One apply and its way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Transaction {
    pub(crate) id: u64,
    pub(crate) phase: Phase,
    pub(crate) changes: Vec<Change>,
    /// Directories that were absent, the outer ones first.
    pub(crate) directories: Vec<HostPath>,
    /// Units as they were.
    pub(crate) units: BTreeMap<UnitName, UnitState>,
    /// Kernel parameters as they were.
    #[serde(default)]
    pub(crate) parameters: Vec<Parameter>,
    /// What was applied before.
    pub(crate) before: Option<Installation>,
    /// The timer's name, where one was started.
    pub(crate) timer: Option<String>,
}

/// How far an apply got. All but the last lead back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Phase {
    /// Files are being replaced.
    Writing,
    /// Files are in place, programs are told.
    Activating,
    /// All is done, and somebody has to say that they are still let in.
    Unconfirmed(Moment),
    /// The old state is being put back.
    RollingBack,
    /// It stays, unless somebody wants it back.
    Confirmed,
}

/// One path of an apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) path: HostPath,
    pub(crate) before: Option<Version>,
    pub(crate) after: Option<Version>,
    pub(crate) steps_before: Vec<Step>,
    pub(crate) steps_after: Vec<Step>,
}

/// A file's bytes and what else it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) sha256: Sha256,
    pub(crate) metadata: Metadata,
}

/// What systemd says of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UnitState {
    /// There is such a unit.
    pub(crate) is_loaded: bool,
    /// It runs, or tried to.
    pub(crate) is_active: bool,
    /// It starts at every boot.
    pub(crate) is_enabled: bool,
}

/// Held by whoever changes anything; released when it is dropped, or its
/// process ends.
pub(crate) struct Lock(OwnedFd);

impl Drop for Lock {
    /// Not by closing the file alone: a program that is just being started may
    /// still have it open.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Whether to wait for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    Refuse,
}

fn path(name: &str) -> HostPath {
    HostPath::new(format!("/{DIRECTORY}/{name}")).expect("the parts are plain names")
}

/// Where the old bytes of a transaction's change are.
pub(crate) fn backup_path(transaction: u64, index: usize) -> HostPath {
    path(&format!("backup-{transaction}-{index}"))
}

/// The name under which a transaction's change waits beside its target.
pub(crate) fn staged_name(transaction: u64, index: usize) -> String {
    format!(".ztgit-{transaction}-{index}")
}

impl Lock {
    pub(crate) fn take(host: &Host<'_>, patience: Patience) -> Result<Self, Error> {
        let action = || "lock the node's state".to_owned();
        host.root.make_directory(DIRECTORY, 0o700).context(action)?;
        let file = host.root.lock_file(&path("lock")).context(action)?;
        let operation = match patience {
            Patience::Wait => FlockOperation::LockExclusive,
            Patience::Refuse => FlockOperation::NonBlockingLockExclusive,
        };
        match flock(&file, operation) {
            Ok(()) => Ok(Self(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::Busy),
            Err(error) => Err(io::Error::from(error)).context(action),
        }
    }
}

impl State {
    /// Reads it; empty where nothing was ever applied.
    pub(crate) fn load(host: &Host<'_>) -> Result<Self, Error> {
        let file = path("state.json");
        let found = host
            .root
            .look(&file)
            .context(|| format!("look at {file}"))?;
        if found.is_none() {
            return Ok(Self::default());
        }
        let bytes = host
            .root
            .read(&file, LARGEST)
            .context(|| format!("read {file}"))?;
        let damaged = |message: String| Error::Damaged {
            path: file.to_string(),
            message,
        };
        let state: Self =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if state.version == VERSION {
            Ok(state)
        } else {
            Err(damaged(format!("it has version {}", state.version)))
        }
    }

    /// Writes it, in one step.
    pub(crate) fn store(&mut self, host: &Host<'_>, _: &Lock) -> Result<(), Error> {
        self.version = VERSION;
        let file = path("state.json");
        let bytes = serde_json::to_vec_pretty(self).expect("a state is plain JSON");
        let metadata = host.owned(Mode::of_bits(0o600));
        host.root
            .replace(&file, &bytes, metadata)
            .context(|| format!("write {file}"))
    }

    /// Removes old bytes that no transaction needs any more.
    pub(crate) fn sweep(&self, host: &Host<'_>, _: &Lock) -> Result<(), Error> {
        let action = || format!("clean /{DIRECTORY}");
        let kept = self
            .transaction
            .as_ref()
            .map(|transaction| format!("backup-{}-", transaction.id));
        for (name, _) in host.root.list(DIRECTORY).context(action)? {
            let is_needed = kept.as_ref().is_some_and(|kept| name.starts_with(kept));
            if name.starts_with("backup-") && !is_needed {
                host.root.remove(&path(&name)).context(action)?;
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// Whether a crash or a timer leads back.
    pub(crate) fn is_open(&self) -> bool {
        self.phase != Phase::Confirmed
    }
}
