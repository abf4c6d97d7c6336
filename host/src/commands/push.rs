//! Pushing a render: never by force, and never an older stack over a newer one.

use std::thread;
use std::time::Duration;

use super::render::{Attempt, Committer};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::{Provenance, StackRevision, newest_render};
use crate::git::{CommitId, Outcome, PushOutcome};
use crate::tree::Sha256;

/// How often a push is tried against writers who were faster. Each time one of them
/// has come through, so that this many can begin at the same time.
const TRIES: u32 = 40;
/// What is waited at most after the first lost race; twice as long after each other.
const PAUSE: Duration = Duration::from_millis(20);
/// As often a pause becomes longer.
const LONGER: u32 = 7;

/// What became of a commit outside this repository.
pub(super) enum Race {
    /// Nobody was asked to push it.
    Unpushed,
    /// The remote has it.
    Pushed {
        /// Which remote.
        remote: String,
    },
}

/// Commits on the newest commit of branch and remote, and pushes. The branch
/// here moves only once the remote has the commit.
pub(super) fn commit_and_push(
    context: &Context,
    committer: &mut Committer<'_>,
    remote: &str,
) -> Result<Exit, CommandError> {
    let repository = committer.repository;
    let tip = repository.tip()?;
    let mut base = tip;
    for lost in 0..TRIES {
        let attempt = committer.attempt(context, tip, base)?;
        let Attempt { commit, draft, .. } = &attempt;
        repository.require_clean(&commit.managed)?;
        let (new, is_new) = match repository.write(commit, draft)? {
            Outcome::Committed(new) => (Some(new), true),
            Outcome::Unchanged => (base, false),
        };
        let Some(new) = new else {
            committer.report(context, &attempt, None, &Race::Unpushed);
            return Ok(Exit::Clean);
        };
        match repository.push(remote, new)? {
            PushOutcome::Pushed => {
                repository.advance(tip, new, &commit.managed)?;
                committer.maintain(context);
                let race = Race::Pushed {
                    remote: remote.to_owned(),
                };
                committer.report(context, &attempt, is_new.then_some(new), &race);
                return Ok(Exit::Clean);
            }
            PushOutcome::NonFastForward => {
                thread::sleep(pause(lost, new));
                base = repository.fetch(remote)?;
                if let Some(theirs) = base {
                    refuse_older(committer, &attempt.provenance, theirs)?;
                }
                context.ui.note(&format!(
                    "{remote} has moved: rendering on its newest commit"
                ));
            }
            PushOutcome::Failed { stderr } => {
                let error = format!("cannot push to {remote}: {}", stderr.trim());
                return Err(CommandError::new(Exit::Incomplete, error)
                    .hint("nothing was committed; run the same command again"));
            }
        }
    }
    Err(CommandError::new(
        Exit::Incomplete,
        format!("{remote} moved {TRIES} times while this render was being pushed"),
    )
    .hint("run the same command again"))
}

/// Those who lost the same race have made different commits; by that they wait
/// differently long.
fn pause(lost: u32, ours: CommitId) -> Duration {
    let share = Sha256::of(ours.to_string().as_bytes()).as_bytes()[0];
    PAUSE * 2_u32.pow(lost.min(LONGER)) * u32::from(share) / 256
}

/// The remote's newest render must be of a stack that ours contains.
fn refuse_older(
    committer: &Committer<'_>,
    ours: &Provenance,
    theirs: CommitId,
) -> Result<(), CommandError> {
    let Some(rendered) = newest_render(committer.repository, theirs)? else {
        return Ok(());
    };
    let refused = |message: &str| {
        Err(CommandError::new(Exit::Incomplete, message)
            .hint("bring the stack up to date (`git pull`) and render again"))
    };
    match (&rendered.stack, &ours.stack, &committer.source) {
        _ if rendered.digest == ours.digest => Ok(()),
        (StackRevision::Commit(theirs), StackRevision::Commit(ours), Some(source)) => {
            if source.contains(*theirs) && source.is_ancestor(*theirs, *ours)? {
                return Ok(());
            }
            refused("the remote was rendered from a stack that this one does not contain")
        }
        _ => {
            refused("the remote was rendered from another stack, and which is newer cannot be told")
        }
    }
}
