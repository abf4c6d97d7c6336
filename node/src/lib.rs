//! Puts a node's rendered files in place, and judges whether they are.
//!
//! In goes the folder `hosts/<cluster>/<node>` of a fleet repository; out come
//! files in `/etc` and what they put into effect. Three things always hold:
//!
//! - Nothing is written that is not on the allow-list of its format, because
//!   host files are code that root runs.
//! - Files and what follows from them change as a whole. A failure leads back at
//!   once, a crash at the next run or boot, an apply that nobody confirms after
//!   some seconds.
//! - What could not be found out is reported as unknown and never as clean.
//!
//! Nothing here prints. The functions take a [`Host`] and give what they did as
//! values that serialise to JSON.

mod activation;
mod apply;
mod command;
mod compare;
mod digest;
mod drift;
mod error;
mod format;
mod guard;
mod host;
mod kernel;
mod keys;
mod manifest;
mod name;
mod path;
mod plan;
mod process;
mod root;
mod settle;
mod source;
mod state;
mod text;
mod transaction;
mod watch;

pub use apply::{Applied, Confirmation, apply};
pub use command::{Command, CommandError, Commands, Family, Recorder, System, Timer, TimerKeeper};
pub use digest::{Mode, NotANumber, Sha256};
pub use drift::{Finding, JudgeError, Kind, LARGEST_REPORT, Report, Scope, Verdict, drift, judge};
pub use error::{Error, ErrorKind};
pub use format::{Refusal, refusals};
pub use guard::Held;
pub use host::Host;
pub use keys::{PublicKeys, keys};
pub use name::{Interface, NameError, UnitName};
pub use path::{HostPath, HostPathError};
pub use plan::{Action, Diff, Ownership, Plan, PlannedChange, plan};
pub use root::Root;
pub use settle::{ConfirmFrom, Confirmed, RolledBack, Which, confirm, rollback};
pub use source::{Source, SourceError};
