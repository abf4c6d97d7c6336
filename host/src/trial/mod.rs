//! A plugin on trial: rendered alone, on cases of its author's, through the
//! stages that a stack goes through.
//!
//! A component and a [`Case`] enter; an [`Outcome`] leaves: the files that a
//! commit would have, the facts that the plugin states and what it has to say,
//! and apart from these the faults that the host finds in them. [`golden`]
//! compares outcomes with directories, [`description`] looks at what a plugin
//! says of itself.

mod case;
pub mod description;
pub mod golden;
mod outcome;

pub use case::{Case, CaseError, find};
pub use outcome::{Outcome, TrialError, run};
