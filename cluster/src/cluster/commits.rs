//! Commits of the fleet repository, each read once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::desired::{Desired, DesiredError, ReadDesired};
use crate::obstacle::Obstacle;
use crate::revision::Revision;

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
        let desired = known
            .entry(revision.clone())
            .or_insert_with(|| (self.read)(self.cluster, revision).map(Rc::new));
        desired
            .clone()
            .map_err(|error| Obstacle::new(error.reason, error.message))
    }
}
