//! A revision as a user writes it in, a commit out.
//!
//! The forms that make sense here are read one by one. What is given never
//! reaches libgit2's revision parser, whose grammar has searches and dates and
//! which has crashed on hostile input.

use git2::{ErrorCode, ObjectType, Oid, Reference};

use super::error::Error;
use super::history::find;
use super::id::{CommitId, parse_full};
use super::repository::FleetRepository;

impl FleetRepository {
    /// Finds the commit that `revision` names: `HEAD`, a branch, a tag, a full
    /// or abbreviated commit name, each with `~N` behind it for the Nth
    /// first parent.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, Error> {
        let unknown = || Error::UnknownRevision {
            name: revision.to_owned(),
        };
        let (name, steps) = match revision.split_once('~') {
            None => (revision, 0),
            Some((name, "")) => (name, 1),
            Some((name, steps)) => (name, steps.parse::<u32>().map_err(|_| unknown())?),
        };
        let mut commit = self.named(name)?.ok_or_else(unknown)?;
        for _ in 0..steps {
            let found = find(&self.repository, commit)?;
            commit = found
                .parent_ids()
                .next()
                .map(CommitId)
                .ok_or_else(unknown)?;
        }
        Ok(commit)
    }

    fn named(&self, name: &str) -> Result<Option<CommitId>, Error> {
        if let Some(commit) = parse_full(name).and_then(|id| self.peel(id)) {
            return Ok(Some(commit));
        }
        let candidates = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        for full in candidates.map(|prefix| format!("{prefix}{name}")) {
            let special = full == "HEAD" || full.starts_with("refs/");
            if !special || !Reference::is_valid_name(&full) {
                continue;
            }
            match self
                .repository
                .find_reference(&full)
                .and_then(|found| found.resolve())
            {
                Ok(reference) => return Ok(reference.target().and_then(|id| self.peel(id))),
                Err(error) if error.code() == ErrorCode::NotFound => {}
                Err(source) => return Err(self.failed(&format!("read `{full}`"), source)),
            }
        }
        self.abbreviated(name)
    }

    fn abbreviated(&self, name: &str) -> Result<Option<CommitId>, Error> {
        let hexadecimal = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal || !(4..40).contains(&name.len()) {
            return Ok(None);
        }
        match self
            .repository
            .find_object_by_prefix(name, Some(ObjectType::Commit))
        {
            Ok(object) => Ok(Some(CommitId(object.id()))),
            Err(error) if error.code() == ErrorCode::Ambiguous => Err(Error::AmbiguousRevision {
                name: name.to_owned(),
            }),
            Err(_) => Ok(None),
        }
    }

    /// The commit that an object is, or that a tag stands for.
    fn peel(&self, id: Oid) -> Option<CommitId> {
        let object = self.repository.find_object(id, None).ok()?;
        object
            .peel(ObjectType::Commit)
            .ok()
            .map(|commit| CommitId(commit.id()))
    }
}
