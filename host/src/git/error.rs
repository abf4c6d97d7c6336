//! What can go wrong in a repository, each with the operation or the path it concerns.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::id::CommitId;
use super::signing::SigningError;

/// A failure of this module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// libgit2 could not do something, for a reason that has no variant of its own.
    #[error("cannot {operation} in {}", repository.display())]
    Git {
        /// What was being done, as a verb and its object.
        operation: String,
        /// The repository's git directory.
        repository: PathBuf,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// A file of the repository or the work tree could not be read or written.
    #[error("cannot {operation} {}", path.display())]
    Io {
        /// What was being done, as a verb.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no repository at the path.
    #[error("{} is not a git repository", path.display())]
    NoRepository {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// A repository was to be created in a directory of another one's work tree.
    #[error("{} lies inside the git repository {}", path.display(), enclosing.display())]
    Enclosed {
        /// Where a repository was to be created.
        path: PathBuf,
        /// The repository around it.
        enclosing: PathBuf,
    },
    /// The repository belongs to another user.
    #[error("the repository {} belongs to another user", path.display())]
    Owner {
        /// The repository.
        path: PathBuf,
    },
    /// The repository uses a feature that libgit2 cannot read or write.
    #[error("the repository {} uses {feature}, which ztgit cannot work with", path.display())]
    Unsupported {
        /// The repository.
        path: PathBuf,
        /// Which one.
        feature: Feature,
    },
    /// The name cannot be that of a branch.
    #[error("`{name}` is not a valid branch name")]
    BranchName {
        /// The name as given.
        name: String,
    },
    /// The branch is a symbolic reference, so moving it would move another one.
    #[error("the branch `{name}` is a symbolic reference")]
    SymbolicBranch {
        /// The branch.
        name: String,
    },
    /// A file of the repository is empty, as after a crash or a full disk.
    #[error("the repository is damaged: {} is empty", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// No commit has this name.
    #[error("`{name}` names no commit")]
    UnknownRevision {
        /// The name as given.
        name: String,
    },
    /// An abbreviated name fits several objects.
    #[error("`{name}` is the beginning of more than one object's name")]
    AmbiguousRevision {
        /// The name as given.
        name: String,
    },
    /// Another process holds a lock for longer than we wait.
    #[error("{} has been locked for {}{}", path.display(), seconds(*age), holder_text(*holder))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How old the lock is.
        age: Duration,
        /// The process that holds it, where known.
        holder: Option<u32>,
    },
    /// The branch is not where the caller last saw it.
    #[error("the branch `{branch}` has moved: expected {}, found {}", name(*expected), name(*found))]
    TipMoved {
        /// The branch.
        branch: String,
        /// The commit that the caller started from.
        expected: Option<CommitId>,
        /// The commit it is at now.
        found: Option<CommitId>,
    },
    /// The new commit would drop commits of the branch.
    #[error("commit {base} does not contain the tip {tip} of the branch")]
    NotFastForward {
        /// The parent that the new commit was to have.
        base: CommitId,
        /// The branch's tip.
        tip: CommitId,
    },
    /// A merge, rebase or the like is not finished.
    #[error("{operation} is in progress in {}", path.display())]
    InProgress {
        /// Which operation.
        operation: &'static str,
        /// The work tree.
        path: PathBuf,
    },
    /// The work tree has edits that the update would lose.
    #[error("uncommitted changes in {} at paths that ztgit manages: {}", path.display(), paths.join(", "))]
    Dirty {
        /// The work tree.
        path: PathBuf,
        /// Every path with an edit, staged or not, and every untracked one; sorted.
        paths: Vec<String>,
    },
    /// Something that is not a plain file is where a managed file belongs.
    #[error("{path} is {kind}, not a file or directory that ztgit could write to")]
    Foreign {
        /// The path in the repository.
        path: String,
        /// What it is.
        kind: Foreign,
    },
    /// A file is where a directory is needed or the other way round.
    #[error("{path} cannot be both a file and a directory")]
    Obstructed {
        /// The path in the repository.
        path: String,
    },
    /// The commit's message or identity has a byte that a commit cannot hold.
    #[error("the commit's {part} contains a NUL byte")]
    CommitText {
        /// Which part of the commit.
        part: &'static str,
    },
    /// The content was made to have the same SHA-1 as another.
    #[error("content with a SHA-1 collision is refused")]
    Collision,
    /// The commit was made, but a work tree could not follow.
    #[error("commit {commit} is on the branch, but the work tree {} could not be updated", path.display())]
    WorkTreeBehind {
        /// The commit.
        commit: CommitId,
        /// The work tree.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// The `git` program could not be run.
    #[error("cannot run `git {command}`")]
    Program {
        /// The subcommand.
        command: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The `git` program failed.
    #[error("`git {command}` failed: {stderr}")]
    ProgramFailed {
        /// The subcommand.
        command: &'static str,
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// The commit was to be signed, and is not.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Something in a tree that is neither a file nor a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Symlink => "a symbolic link",
            Self::Submodule => "a submodule",
        })
    }
}

/// A feature of a repository that libgit2 does not support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feature {
    /// References kept as a reftable.
    Reftable,
    /// Object names other than SHA-1.
    ObjectFormat(String),
    /// An index in several files.
    SplitIndex,
    /// An index with directories in the place of their files.
    SparseIndex,
    /// Sparse checkout by patterns, where only cones are understood.
    SparsePatterns,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reftable => formatter.write_str("the reftable reference format"),
            Self::ObjectFormat(format) => write!(formatter, "the object format {format}"),
            Self::SplitIndex => formatter.write_str("a split index"),
            Self::SparseIndex => formatter.write_str("a sparse index"),
            Self::SparsePatterns => formatter.write_str("a sparse checkout without cones"),
        }
    }
}

impl Feature {
    fn hint(&self) -> &'static str {
        match self {
            Self::Reftable => "convert it with `git refs migrate --ref-format=files`",
            Self::ObjectFormat(_) => "use a repository made with `git init --object-format=sha1`",
            Self::SplitIndex => "run `git update-index --no-split-index`",
            Self::SparseIndex => "run `git sparse-checkout reapply --no-sparse-index`",
            Self::SparsePatterns => "run `git sparse-checkout init --cone`",
        }
    }
}

impl Error {
    /// What the user can do about it, one action each.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Owner { path } => vec![format!(
                "if you trust it, run `git config --global --add safe.directory '{}'`",
                path.display()
            )],
            Self::Unsupported { feature, .. } => vec![feature.hint().to_owned()],
            Self::Enclosed { enclosing, .. } => vec![
                format!(
                    "to use that repository, give `--repo '{}'`",
                    enclosing.display()
                ),
                "to make a repository of its own here, run `git init` first".to_owned(),
            ],
            Self::Damaged { file } if file.ends_with("index") => {
                vec!["remove it, and run `git reset`: it is made anew from the commit".to_owned()]
            }
            Self::Damaged { .. } => {
                vec!["run `git fsck`, then restore the file from another clone".to_owned()]
            }
            Self::Locked {
                path, holder: None, ..
            } => vec![format!(
                "if no git process is running any more, remove '{}'",
                path.display()
            )],
            Self::Locked {
                holder: Some(_), ..
            }
            | Self::TipMoved { .. } => {
                vec!["run the command again".to_owned()]
            }
            Self::NotFastForward { .. } => {
                vec![
                    "bring the local branch and the remote one together, then run again".to_owned(),
                ]
            }
            Self::InProgress { .. } => vec!["finish or abort it first".to_owned()],
            Self::Dirty { .. } => vec![
                "commit, stash or discard these changes: ztgit never overwrites them".to_owned(),
            ],
            Self::Foreign { path, .. } | Self::Obstructed { path } => {
                vec![format!("move or remove `{path}` in a commit of your own")]
            }
            Self::WorkTreeBehind { .. } => {
                vec!["run the command again: it brings the work tree up to date".to_owned()]
            }
            Self::Program { .. } => vec!["install git, or add it to PATH".to_owned()],
            Self::Signing(error) => error.hints(),
            _ => Vec::new(),
        }
    }

    pub(super) fn io(operation: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            operation,
            path: path.into(),
            source,
        }
    }
}

fn seconds(age: Duration) -> String {
    format!("{} s", age.as_secs())
}

fn holder_text(holder: Option<u32>) -> String {
    holder
        .map(|process| format!(" by process {process}"))
        .unwrap_or_default()
}

fn name(commit: Option<CommitId>) -> String {
    commit.map_or_else(|| "no commit".to_owned(), |commit| commit.to_string())
}
