//! The stages that most commands run: load, resolve, plan, render.

pub(super) mod changes;
mod stream;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::options::ClusterOption;
use super::stack_file;
use crate::context::Context;
use crate::diagnostic::{Diagnostics, Severity};
use crate::error::{CommandError, Exit};
use crate::fleet::Selection;
use crate::plan::{Lock, Means, Plugins, Resolved};
use crate::plugin::Runtime;
use crate::render::{ClusterOutput, PLUGIN_OUTPUT};
use crate::stack::files::LOCK_FILE;
use crate::stack::{Outline, StackFiles, stack_directory};

/// What is made of a rendered cluster.
type Make<'f, T> = dyn Fn(ClusterOutput) -> Result<T, CommandError> + Sync + 'f;

/// A stack with its plugins, before any cluster is loaded.
pub(super) struct Prepared<'r> {
    pub(super) directory: PathBuf,
    pub(super) files: StackFiles,
    pub(super) outline: Outline,
    pub(super) plugins: Plugins<'r>,
    pub(super) lock: Lock,
    pub(super) diagnostics: Diagnostics,
}

/// What a run over clusters gave, and what was found on the way.
pub(super) struct Rendered<T> {
    /// In the order of the clusters' names; nothing where there are errors.
    pub(super) results: Vec<T>,
    pub(super) selection: Selection,
    pub(super) diagnostics: Diagnostics,
}

impl<'r> Prepared<'r> {
    /// Loads a stack from its directory.
    pub(super) fn read(
        context: &Context,
        stack: &Path,
        runtime: &'r Runtime,
    ) -> Result<Self, CommandError> {
        Self::from_files(
            context,
            stack_directory(stack),
            StackFiles::read(stack)?,
            runtime,
        )
    }

    /// Loads a stack from its files; plugins are read from the directory.
    pub(super) fn from_files(
        context: &Context,
        directory: PathBuf,
        files: StackFiles,
        runtime: &'r Runtime,
    ) -> Result<Self, CommandError> {
        let (outline, mut diagnostics) = Outline::open(&files);
        let lock = Lock::of(&files)?;
        let resolved = resolve(context, &outline, &directory, lock.clone(), runtime)?;
        if resolved.lock != lock {
            refuse_if_locked(context)?;
        }
        diagnostics.extend(resolved.diagnostics);
        let (plugins, lock) = (resolved.plugins, resolved.lock);
        Ok(Self {
            directory,
            files,
            outline,
            plugins,
            lock,
            diagnostics,
        })
    }

    /// Renders the clusters that are chosen, one by one, and keeps what is made of each.
    pub(super) fn try_each<T: Send>(
        &self,
        context: &Context,
        clusters: &ClusterOption,
        make: &Make<'_, T>,
    ) -> Result<Rendered<T>, CommandError> {
        stream::run(self, context, clusters, &|_| None, &|output, _| {
            make(output)
        })
    }

    /// The same; errors are printed and end the command.
    pub(super) fn each<T: Send>(
        &self,
        context: &Context,
        clusters: &ClusterOption,
        make: &Make<'_, T>,
    ) -> Result<Rendered<T>, CommandError> {
        self.complete(context, self.try_each(context, clusters, make)?)
    }

    /// Renders the clusters that are chosen and keeps all of them, where what is done
    /// with them must not begin before the last one is known to be right.
    pub(super) fn render(
        &self,
        context: &Context,
        clusters: &ClusterOption,
    ) -> Result<Rendered<ClusterOutput>, CommandError> {
        self.each(context, clusters, &Ok)
    }

    /// Prints what was found; errors end the command.
    pub(super) fn complete<T>(
        &self,
        context: &Context,
        rendered: Rendered<T>,
    ) -> Result<Rendered<T>, CommandError> {
        context
            .ui
            .diagnostics(&rendered.diagnostics, &self.outline.sources);
        rendered.failure().map_or(Ok(()), |error| {
            context.ui.report(
                "Diagnostics",
                &json!({"findings": crate::ui::Ui::findings(&rendered.diagnostics, &self.outline.sources)}),
            );
            Err(error)
        })?;
        Ok(rendered)
    }

    /// Writes the lock where a plugin was used for the first time.
    pub(super) fn pin_new_plugins(&mut self, context: &Context) -> Result<(), CommandError> {
        if Lock::of(&self.files)? == self.lock {
            return Ok(());
        }
        let bytes = self.lock.to_bytes();
        let path = self.directory.join(LOCK_FILE);
        stack_file::write(&path, &bytes)?;
        context.ui.note(&format!(
            "pinned plugins in {}: commit it with the stack",
            path.display()
        ));
        self.files.set_lock(bytes);
        Ok(())
    }
}

/// Prints what was found in a stack; errors end the command.
pub(super) fn sound(
    context: &Context,
    diagnostics: &Diagnostics,
    outline: &Outline,
) -> Result<(), CommandError> {
    context.ui.diagnostics(diagnostics, &outline.sources);
    failure(diagnostics).map_or(Ok(()), Err)
}

/// The outline of a stack that has no errors in it.
pub(super) fn sound_outline(
    context: &Context,
    files: &StackFiles,
) -> Result<Outline, CommandError> {
    let (outline, diagnostics) = Outline::open(files);
    sound(context, &diagnostics, &outline)?;
    Ok(outline)
}

/// For what would change `ztgit.lock`.
pub(super) fn refuse_if_locked(context: &Context) -> Result<(), CommandError> {
    if !context.registries.locked {
        return Ok(());
    }
    let message = "ztgit.lock would have to change, and `--locked` forbids it";
    Err(CommandError::new(Exit::Usage, message)
        .hint("run it without `--locked`, and commit ztgit.lock with the stack"))
}

/// Loads the plugins that a stack lists.
pub(super) fn resolve<'r>(
    context: &Context,
    outline: &Outline,
    directory: &Path,
    lock: Lock,
    runtime: &'r Runtime,
) -> Result<Resolved<'r>, CommandError> {
    let cache = context.compile_cache();
    let registries = context.registries();
    let means = Means {
        runtime,
        cache: cache.as_ref(),
        registries: &registries,
    };
    Ok(Plugins::resolve(&outline.plugins, directory, lock, &means)?)
}

impl<T> Rendered<T> {
    /// How the command ends where there are errors.
    pub(super) fn failure(&self) -> Option<CommandError> {
        failure(&self.diagnostics)
    }
}

/// How a command ends that found these.
fn failure(diagnostics: &Diagnostics) -> Option<CommandError> {
    let errors = diagnostics.count(Severity::Error);
    let faults = diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error && d.code == PLUGIN_OUTPUT)
        .count();
    let exit = match (errors, faults) {
        (0, _) => return None,
        (errors, faults) if errors == faults => Exit::Plugin,
        _ => Exit::Usage,
    };
    let problems = if errors == 1 {
        "1 error".to_owned()
    } else {
        format!("{errors} errors")
    };
    Some(CommandError::new(
        exit,
        format!("{problems}; nothing was written"),
    ))
}
