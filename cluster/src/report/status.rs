//! What something in a cluster can be, and why it is said to be so.

use serde::Serialize;

/// What an object, a unit of Flux or a whole cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// As the applied commit has it.
    Clean,
    /// The applied commit has the object, the cluster does not.
    Missing,
    /// The object differs from the applied commit, or has fields that Flux
    /// would take away.
    Modified,
    /// Flux's inventory has an object that the applied commit does not.
    Orphan,
    /// An object carries Flux's labels and is in no inventory.
    Untracked,
    /// Somebody who is not known owns fields of the object beside Flux's.
    ForeignOwner,
    /// A policy that the stack does not have, or fields of a policy that it
    /// does not have: they change who may reach whom.
    UnmanagedPolicy,
    /// Git is ahead of the cluster.
    Pending,
    /// Flux was told not to reconcile.
    Suspended,
    /// Flux tried and failed.
    Failed,
    /// The source's signature was not verified.
    SourceUnverified,
    /// It could not be compared.
    Unknown,
}

/// How much a status weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nothing to do.
    Clean,
    /// Worth seeing.
    Warning,
    /// On its way.
    Pending,
    /// Not as it should be.
    Drift,
    /// Not known.
    Unknown,
    /// Not to be trusted.
    Untrusted,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Clean,
        Self::Missing,
        Self::Modified,
        Self::Orphan,
        Self::Untracked,
        Self::ForeignOwner,
        Self::UnmanagedPolicy,
        Self::Pending,
        Self::Suspended,
        Self::Failed,
        Self::SourceUnverified,
        Self::Unknown,
    ];

    /// Its name in reports and metrics.
    pub fn name(self) -> &'static str {
        self.code()
            .strip_prefix("cluster-")
            .expect("every code begins so")
    }

    /// Its name among all codes that can be explained.
    pub fn code(self) -> &'static str {
        match self {
            Self::Clean => "cluster-clean",
            Self::Missing => "cluster-missing",
            Self::Modified => "cluster-modified",
            Self::Orphan => "cluster-orphan",
            Self::Untracked => "cluster-untracked",
            Self::ForeignOwner => "cluster-foreign-owner",
            Self::UnmanagedPolicy => "cluster-unmanaged-policy",
            Self::Pending => "cluster-pending",
            Self::Suspended => "cluster-suspended",
            Self::Failed => "cluster-failed",
            Self::SourceUnverified => "cluster-source-unverified",
            Self::Unknown => "cluster-unknown",
        }
    }

    /// What it means, and the next command of someone woken at night.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Clean => include_str!("explain/clean.md"),
            Self::Missing => include_str!("explain/missing.md"),
            Self::Modified => include_str!("explain/modified.md"),
            Self::Orphan => include_str!("explain/orphan.md"),
            Self::Untracked => include_str!("explain/untracked.md"),
            Self::ForeignOwner => include_str!("explain/foreign-owner.md"),
            Self::UnmanagedPolicy => include_str!("explain/unmanaged-policy.md"),
            Self::Pending => include_str!("explain/pending.md"),
            Self::Suspended => include_str!("explain/suspended.md"),
            Self::Failed => include_str!("explain/failed.md"),
            Self::SourceUnverified => include_str!("explain/source-unverified.md"),
            Self::Unknown => include_str!("explain/unknown.md"),
        }
    }

    /// How much it weighs.
    pub fn weight(self) -> Weight {
        match self {
            Self::Clean => Weight::Clean,
            Self::ForeignOwner => Weight::Warning,
            Self::Pending => Weight::Pending,
            Self::Missing
            | Self::Modified
            | Self::Orphan
            | Self::Untracked
            | Self::UnmanagedPolicy
            | Self::Suspended
            | Self::Failed => Weight::Drift,
            Self::Unknown => Weight::Unknown,
            Self::SourceUnverified => Weight::Untrusted,
        }
    }
}

/// Why something has its status; scripts may rely on the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is not there.
    Absent,
    /// Fields differ; the changes say which.
    Differs,
    /// It is there and the commit does not have it.
    NotInCommit,
    /// It is in no inventory.
    NotInInventory,
    /// A manager that is not known owns fields.
    UnknownManager,
    /// The source has a newer revision than was applied.
    NewerRevision,
    /// The controller has not seen the newest generation.
    NotObserved,
    /// A unit that this one depends on is not ready.
    DependencyNotReady,
    /// `spec.suspend` is set.
    Suspended,
    /// The object is annotated so that Flux leaves it alone.
    ReconcileDisabled,
    /// The unit or its source says `Ready: False`.
    NotReady,
    /// The signature does not hold, or no verification is configured where
    /// the stack wants one.
    Unverified,
    /// No connection.
    Unreachable,
    /// The deadline passed.
    Deadline,
    /// No or wrong credentials.
    Unauthorized,
    /// The identity lacks a permission.
    Forbidden,
    /// The API server does not serve the kind.
    KindNotServed,
    /// The dry-run was refused: an admission webhook or policy, or a field
    /// that the server does not take.
    Refused,
    /// Somebody owns the field and it was not taken over.
    Conflict,
    /// A list ended before its end, or started over too often.
    ListBroken,
    /// An answer is larger than what is read.
    TooLarge,
    /// An answer is not what the API promises.
    Malformed,
    /// The server failed.
    ServerError,
    /// The applied commit is not in the fleet repository that was named.
    CommitMissing,
    /// What the applied commit holds for the cluster cannot be read.
    CommitUnreadable,
    /// No kubeconfig context is known for the cluster.
    NoContext,
    /// The unit's Kustomization changes what the commit has (patches, images, a
    /// name's prefix): what Flux makes of it is not known here.
    Transformed,
    /// Flux applied another revision while this one was compared.
    Moved,
}

impl Reason {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Differs => "differs",
            Self::NotInCommit => "not-in-commit",
            Self::NotInInventory => "not-in-inventory",
            Self::UnknownManager => "unknown-manager",
            Self::NewerRevision => "newer-revision",
            Self::NotObserved => "not-observed",
            Self::DependencyNotReady => "dependency-not-ready",
            Self::Suspended => "suspended",
            Self::ReconcileDisabled => "reconcile-disabled",
            Self::NotReady => "not-ready",
            Self::Unverified => "unverified",
            Self::Unreachable => "unreachable",
            Self::Deadline => "deadline",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::KindNotServed => "kind-not-served",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::ListBroken => "list-broken",
            Self::TooLarge => "too-large",
            Self::Malformed => "malformed",
            Self::ServerError => "server-error",
            Self::CommitMissing => "commit-missing",
            Self::CommitUnreadable => "commit-unreadable",
            Self::NoContext => "no-context",
            Self::Transformed => "transformed",
            Self::Moved => "moved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_explanation_fits_a_terminal_and_says_what_to_do() {
        for status in Status::ALL {
            let text = status.explanation();
            let first = text.lines().next().unwrap();
            assert!(first.ends_with('.'), "{}", status.name());
            assert!(text.contains("\nWhat to do: "), "{}", status.name());
            assert!(
                text.lines().all(|line| line.chars().count() <= 80),
                "{}",
                status.name()
            );
        }
    }

    #[test]
    fn a_status_is_called_the_same_in_json() {
        for status in Status::ALL {
            assert_eq!(serde_json::json!(status), status.name());
        }
    }
}
