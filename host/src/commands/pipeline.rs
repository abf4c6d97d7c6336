//! The stages that most commands run: load, resolve, plan, render.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::options::ClusterOption;
use crate::context::Context;
use crate::diagnostic::{Diagnostics, Severity};
use crate::error::{CommandError, Exit};
use crate::fleet::Selection;
use crate::plan::{self, Lock, Plan, Plugins};
use crate::plugin::Runtime;
use crate::render::{self, ClusterOutput, PLUGIN_OUTPUT};
use crate::stack::files::LOCK_FILE;
use crate::stack::{self, Stack, StackFiles, stack_directory};

/// A stack with its plugins, before anything is planned.
pub(super) struct Prepared<'r> {
    pub(super) directory: PathBuf,
    pub(super) files: StackFiles,
    pub(super) stack: Stack,
    pub(super) plugins: Plugins<'r>,
    pub(super) lock: Lock,
    diagnostics: Diagnostics,
}

/// Rendered clusters, and what was found on the way.
pub(super) struct Rendered {
    pub(super) outputs: Vec<ClusterOutput>,
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
        let (stack, mut diagnostics) = stack::load(&files);
        let lock = files
            .get(LOCK_FILE)
            .map(Lock::parse)
            .transpose()?
            .unwrap_or_default();
        let cache = context.compile_cache();
        let resolved = Plugins::resolve(&stack, &directory, lock, runtime, cache.as_ref())?;
        diagnostics.extend(resolved.diagnostics);
        let (plugins, lock) = (resolved.plugins, resolved.lock);
        Ok(Self {
            directory,
            files,
            stack,
            plugins,
            lock,
            diagnostics,
        })
    }

    /// Plans the clusters that are chosen.
    fn plan(
        &self,
        clusters: &ClusterOption,
    ) -> Result<(Plan<'_>, Selection, Diagnostics), CommandError> {
        let mut diagnostics = self.diagnostics.clone();
        // With half a stack a choice of clusters may be of missing ones.
        let everything = ClusterOption {
            cluster: Vec::new(),
        };
        let clusters = if diagnostics.has_errors() {
            &everything
        } else {
            clusters
        };
        let chosen = clusters.chosen(&self.stack)?;
        let (plan, found) = plan::plan(&self.stack, &self.plugins, |cluster| chosen.has(cluster))?;
        diagnostics.extend(found);
        Ok((plan, chosen.selection(), diagnostics))
    }

    /// Renders the clusters that are chosen; nothing where there are errors.
    pub(super) fn try_render(
        &self,
        context: &Context,
        clusters: &ClusterOption,
    ) -> Result<Rendered, CommandError> {
        let (plan, selection, mut diagnostics) = self.plan(clusters)?;
        let mut outputs = Vec::new();
        if !diagnostics.has_errors() {
            let bar = context.ui.progress(plan.clusters.len(), "rendering");
            let (rendered, found) = render::render(&plan, &self.plugins, |_| bar.inc(1))?;
            bar.finish_and_clear();
            outputs = rendered;
            diagnostics.extend(found);
        }
        Ok(Rendered {
            outputs,
            selection,
            diagnostics: diagnostics.normalized(),
        })
    }

    /// Renders the clusters that are chosen; errors are printed and end the
    /// command.
    pub(super) fn render(
        &self,
        context: &Context,
        clusters: &ClusterOption,
    ) -> Result<Rendered, CommandError> {
        let rendered = self.try_render(context, clusters)?;
        context
            .ui
            .diagnostics(&rendered.diagnostics, &self.stack.sources);
        rendered.failure().map_or(Ok(()), |error| {
            context.ui.report(
                "Diagnostics",
                &json!({"findings": crate::ui::Ui::findings(&rendered.diagnostics, &self.stack.sources)}),
            );
            Err(error)
        })?;
        Ok(rendered)
    }

    /// Writes the lock where a plugin was used for the first time.
    pub(super) fn pin_new_plugins(&mut self, context: &Context) -> Result<(), CommandError> {
        let bytes = self.lock.to_bytes();
        let before = self.files.get(LOCK_FILE);
        if before == Some(bytes.as_slice()) || (before.is_none() && self.lock.plugins.is_empty()) {
            return Ok(());
        }
        let path = self.directory.join(LOCK_FILE);
        fs::write(&path, &bytes).map_err(|error| {
            CommandError::new(
                Exit::Incomplete,
                format!("cannot write {}: {error}", path.display()),
            )
        })?;
        context.ui.note(&format!(
            "pinned plugins in {}: commit it with the stack",
            path.display()
        ));
        self.files.set_lock(bytes);
        Ok(())
    }
}

impl Rendered {
    /// How the command ends where there are errors.
    pub(super) fn failure(&self) -> Option<CommandError> {
        let errors = self.diagnostics.count(Severity::Error);
        let faults = self
            .diagnostics
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
}
