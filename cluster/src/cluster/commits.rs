//! Commits of the fleet repository, each read once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::desired::{Desired, DesiredError, ReadDesired};
use crate::obstacle::Obstacle;
use crate::report::Reason;
use crate::revision::Revision;

/// How many commits are read for one cluster: what Kustomizations say of themselves
/// decides which, and each is read whole while all other clusters wait.
const MOST: usize = 64;

/// What commits hold for one cluster.
pub(super) struct Commits<'a> {
    cluster: &'a str,
    read: &'a ReadDesired<'a>,
    known: RefCell<BTreeMap<Revision, Result<Rc<Desired>, DesiredError>>>,
}

impl<'a> Commits<'a> {
    pub(super) fn new(cluster: &'a str, read: &'a ReadDesired<'a>) -> Self {
        Self {
            cluster,
            read,
            known: RefCell::default(),
        }
    }

    /// What the commit of a revision holds.
    pub(super) fn get(&self, revision: &Revision) -> Result<Rc<Desired>, Obstacle> {
        let mut known = self.known.borrow_mut();
        if !known.contains_key(revision) && known.values().flatten().count() == MOST {
            let message = format!("it is at more than {MOST} commits; {revision} was not read");
            return Err(Obstacle::new(Reason::CommitUnreadable, message));
        }
        let desired = known
            .entry(revision.clone())
            .or_insert_with(|| (self.read)(self.cluster, revision).map(Rc::new));
        desired
            .clone()
            .map_err(|error| Obstacle::new(error.reason, error.message))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_cluster_does_not_decide_how_much_history_is_read() {
        let read = Cell::new(0);
        let count = |_: &str, _: &Revision| {
            read.set(read.get() + 1);
            Ok(Desired::default())
        };
        let commits = Commits::new("home", &count);
        let answers = (0..1_000).map(|number| {
            let revision = Revision::new(format!("main@sha1:{number:040}"), None);
            commits.get(&revision)
        });
        let refused = answers.filter(Result::is_err).count();
        assert_eq!((read.get(), refused), (64, 1_000 - 64));
    }
}
