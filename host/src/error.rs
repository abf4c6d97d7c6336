//! How a command ends, and how errors are shown.

use std::error::Error as StdError;
use std::fmt::Write as _;

use ztgit_registry::{CacheError, TrustError};

use crate::drift::ContextsError;
use crate::fleet::FleetError;
use crate::git;
use crate::plan::{GrantExceeded, LockError, PlanError, ResolveError};
use crate::plugin::{PluginError, Refusal, escaped};
use crate::registry::FetchError;
use crate::render::RenderError;
use crate::stack::StackFilesError;

/// An error with everything that caused it. Names in it may be a plugin's, so
/// what a terminal would act on is escaped.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    escaped(&text)
}

/// How a process ends. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done and clean.
    Clean,
    /// Findings: drift, a difference that was asked for, failed checks.
    Findings,
    /// Wrong usage or an invalid stack.
    Usage,
    /// Not finished: unreachable, input or output. Unknown is never clean.
    Incomplete,
    /// A digest, a signature or provenance does not hold.
    Trust,
    /// A plugin failed.
    Plugin,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Trust => 4,
            Self::Plugin => 5,
        }
    }
}

/// A command that did not do what it was asked for.
#[derive(Debug)]
pub struct CommandError {
    /// How the process ends.
    pub exit: Exit,
    /// What failed, with its causes.
    pub message: String,
    /// Each one thing to do about it.
    pub hints: Vec<String>,
}

impl CommandError {
    /// A failure of this kind.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// A failure of this kind, with everything that caused it.
    pub(crate) fn of(exit: Exit, error: &dyn StdError) -> Self {
        Self::new(exit, chain(error))
    }

    /// One thing to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<StackFilesError> for CommandError {
    fn from(error: StackFilesError) -> Self {
        match &error {
            StackFilesError::NoStack { .. } => Self::of(Exit::Usage, &error)
                .hint("name the directory of a stack, or make one with `ztgit init`"),
            StackFilesError::Read { .. } => Self::of(Exit::Incomplete, &error),
        }
    }
}

impl From<LockError> for CommandError {
    fn from(error: LockError) -> Self {
        Self::of(Exit::Usage, &error)
            .hint("take it from the stack's history, or remove it to pin anew what is there")
    }
}

impl From<ResolveError> for CommandError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Plugin(error) => error.into(),
            ResolveError::Digest { ref plugin, .. } => {
                let hint = format!(
                    "if you know why it changed, pin it anew with `ztgit plugin update {plugin}`"
                );
                Self::of(Exit::Trust, &error).hint(hint)
            }
            ResolveError::Read { .. } => Self::of(Exit::Incomplete, &error),
            ResolveError::Unpinned { ref plugin, .. } => {
                let hint = format!("pin what it stands for now: `ztgit plugin update {plugin}`");
                Self::of(Exit::Usage, &error).hint(hint)
            }
            ResolveError::Manifest { .. } => {
                Self::of(Exit::Trust, &error).hint("see who changed it: `git log -p ztgit.lock`")
            }
            ResolveError::Signature { ref plugin, .. } => {
                let hint =
                    format!("where the artifact is signed by now: `ztgit plugin update {plugin}`");
                Self::of(Exit::Trust, &error).hint(hint)
            }
            ResolveError::Fetch { ref source, .. } => {
                let mut command = Self::of(fetch_exit(source), &error);
                command.hints = fetch_hints(source);
                command
            }
        }
    }
}

/// Unreachable, refused and not found are all unknown; other bytes are not.
fn fetch_exit(error: &FetchError) -> Exit {
    match error {
        FetchError::Registry(ztgit_registry::Error::Trust(_))
        | FetchError::Cache(CacheError::Changed(_)) => Exit::Trust,
        FetchError::NotAComponent(_)
        | FetchError::Registry(ztgit_registry::Error::Taken { .. }) => Exit::Usage,
        FetchError::Registry(_)
        | FetchError::Credentials(_)
        | FetchError::Cache(CacheError::Unusable { .. })
        | FetchError::Manifest(..)
        | FetchError::NotCached(_)
        | FetchError::Offline(_) => Exit::Incomplete,
    }
}

fn fetch_hints(error: &FetchError) -> Vec<String> {
    let hint = match error {
        FetchError::Cache(CacheError::Changed(_)) => {
            "find out who changed it; without the file it is fetched again"
        }
        FetchError::NotCached(_) | FetchError::Offline(_) => "run it once without `--offline`",
        FetchError::Registry(ztgit_registry::Error::Trust(TrustError::Signature(_))) => {
            "only its publisher can sign it: `ztgit plugin push --sign KEY`, or `cosign sign`"
        }
        FetchError::Registry(ztgit_registry::Error::Taken { .. }) => {
            return vec![
                "push it as a new version".to_owned(),
                "`--overwrite` takes the tag away from what people have pinned; they have to accept that with `ztgit plugin update --allow-moved-tag`".to_owned(),
            ];
        }
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}

impl From<FetchError> for CommandError {
    fn from(error: FetchError) -> Self {
        let mut command = Self::of(fetch_exit(&error), &error);
        command.hints = fetch_hints(&error);
        command
    }
}

impl From<ztgit_registry::Error> for CommandError {
    fn from(error: ztgit_registry::Error) -> Self {
        FetchError::from(error).into()
    }
}

impl From<PluginError> for CommandError {
    fn from(error: PluginError) -> Self {
        let shown = Self::of(Exit::Plugin, &error);
        match &error {
            PluginError::Refused {
                plugin,
                reason: Refusal::Wasi { .. },
                ..
            } => shown.hint(format!(
                "a guest of Python or JavaScript needs it: add `wasi: true` to `spec.plugins.{plugin}`, or add it with `--wasi`; it gets no files, no network and no clock that moves"
            )),
            _ => shown,
        }
    }
}

impl From<GrantExceeded> for CommandError {
    fn from(error: GrantExceeded) -> Self {
        let hint = error.hint();
        Self::of(Exit::Plugin, &error).hint(hint)
    }
}

impl From<PlanError> for CommandError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Plugin(error) => error.into(),
            PlanError::Grant(error) => error.into(),
            PlanError::Description { .. } => Self::of(Exit::Plugin, &error),
        }
    }
}

impl From<RenderError> for CommandError {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Plugin(error) => error.into(),
            RenderError::Grant(error) => error.into(),
        }
    }
}

impl From<ContextsError> for CommandError {
    fn from(error: ContextsError) -> Self {
        match &error {
            ContextsError::Read { .. } => Self::of(Exit::Incomplete, &error),
            ContextsError::Syntax { .. } | ContextsError::Name(_) => {
                Self::of(Exit::Usage, &error).hint("write one line `CLUSTER: CONTEXT` for each")
            }
            ContextsError::Twice { .. } => {
                Self::of(Exit::Usage, &error).hint("say which cluster: `--context CLUSTER=CONTEXT`")
            }
        }
    }
}

impl From<git::Error> for CommandError {
    fn from(error: git::Error) -> Self {
        let mut command = Self::of(Exit::Incomplete, &error);
        command.hints = error.hints();
        command
    }
}

impl From<FleetError> for CommandError {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Git(error) => error.into(),
            FleetError::Inventory(_) => Self::of(Exit::Trust, &error)
                .hint("see what changed it: `git log -p -- .ztgit/inventory`; restore it from the last good commit"),
            FleetError::Foreign { .. } => Self::of(Exit::Incomplete, &error)
                .hint("move them away, or remove them if they are left over"),
            FleetError::NotEmpty { .. } => {
                Self::of(Exit::Usage, &error).hint("name an empty directory, or a new one")
            }
            FleetError::TornBlock { .. } => Self::of(Exit::Incomplete, &error)
                .hint("remove what is left of the block, with its markers, in a commit of your own: it is written anew"),
            FleetError::Directory { .. }
            | FleetError::Symlink { .. }
            | FleetError::NotText { .. } => Self::of(Exit::Incomplete, &error),
        }
    }
}
