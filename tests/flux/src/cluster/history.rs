//! The writes to a cluster's objects, by object.

use super::audit::Write;
use crate::api::{Api, ObjectId};

/// What was written until some moment, in its order.
pub struct History<'a> {
    api: &'a Api,
    writes: Vec<Write>,
}

impl<'a> History<'a> {
    pub(super) fn new(api: &'a Api, writes: Vec<Write>) -> Self {
        Self { api, writes }
    }

    /// All writes.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Writes of one object.
    pub fn of(&self, id: &ObjectId) -> Vec<&Write> {
        let resource = self.api.resource(id);
        let resource = resource.unwrap_or_else(|error| panic!("{id}: {error}"));
        let is_it = |write: &&Write| {
            write.group == id.group()
                && write.resource == resource.plural
                && write.name == id.name
                && (id.namespace.is_none() || write.namespace == id.namespace)
        };
        self.writes.iter().filter(is_it).collect()
    }
}
