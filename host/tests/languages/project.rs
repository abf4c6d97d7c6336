//! A plugin's project, and the component that its own commands made.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use ztgit::plugin::Wasi;
use ztgit_test_support::pages::fenced;
use ztgit_test_support::terminal::{Step, Terminal};

use super::rendered::{Figures, a_thousand_times};
use super::workshop::{Language, Workshop};

/// A project that was built, and its stack rendered.
pub(crate) struct Project {
    /// Where it is.
    pub(crate) directory: PathBuf,
    /// The user's cache directory for the commands.
    pub(crate) cache: PathBuf,
    /// What its first build took, with its toolchain's installation.
    pub(crate) built_in: Duration,
    /// What it took to compile the component.
    pub(crate) compiled: Duration,
    /// The component, whatever is built there later.
    pub(crate) component: Vec<u8>,
    /// The command that builds it.
    build: String,
    figures: OnceLock<Figures>,
}

impl Project {
    /// An example, by the commands of its README.
    pub(crate) fn example(language: Language, name: &str) -> Option<Self> {
        let workshop = Workshop::of(language)?;
        Some(Self::by_its_readme(workshop, &workshop.example(name)))
    }

    /// What `ztgit plugin new` writes, untouched, by the commands of its README.
    pub(crate) fn begun(language: Language) -> Option<Self> {
        let workshop = Workshop::of(language)?;
        let projects = workshop.projects();
        let new = format!("ztgit plugin new greeter --lang {}", language.name());
        workshop.terminal(&projects).run(&new);
        Some(Self::by_its_readme(workshop, &projects.join("greeter")))
    }

    fn by_its_readme(workshop: &Workshop, directory: &Path) -> Self {
        let readme = fs::read_to_string(directory.join("README.md")).expect("there is one");
        let mut blocks = fenced(&readme).into_iter();
        let block = blocks.find(|block| block.language == "sh");
        let block = block.expect("the README says how the project is built");
        // The tutorial's is run. Here it would compile CPython once more.
        let commands = block.text.lines();
        let commands = commands.filter(|command| !command.starts_with("ztgit plugin dev "));
        let mut terminal = workshop.terminal(directory);
        let steps = terminal.run(&commands.collect::<Vec<_>>().join("\n"));
        Self::built_by(workshop, &terminal, &steps, "./build.sh")
    }

    /// What one of the steps built, which begins like this, and another checked.
    pub(crate) fn built_by(
        workshop: &Workshop,
        terminal: &Terminal,
        steps: &[Step],
        build: &str,
    ) -> Self {
        let mut steps = steps.iter();
        let mut next = |command: &str| {
            let step = steps.find(|step| step.command.starts_with(command));
            step.unwrap_or_else(|| panic!("no command is `{command}`"))
        };
        let (step, check) = (next(build), next("ztgit plugin check plugin.wasm"));
        let component = terminal.place().join("plugin.wasm");
        Self {
            directory: terminal.place().to_owned(),
            cache: workshop.cache(),
            built_in: step.took,
            compiled: compile_time(&check.said),
            component: fs::read(component).expect("the build makes it"),
            build: step.command.clone(),
            figures: OnceLock::new(),
        }
    }

    /// Builds it once more, as after a change.
    pub(crate) fn build_again(&self, language: Language) -> Option<Duration> {
        let mut terminal = Workshop::of(language)?.terminal(&self.directory);
        if language == Language::Rust {
            // Cargo goes by the time of a file. The others build whatever there is.
            terminal.run("touch src/lib.rs");
        }
        terminal.run(&self.build).first().map(|step| step.took)
    }

    /// A file of the project, or of what was rendered in it.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.directory.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// What its guest costs, which is measured once.
    pub(crate) fn figures(&self, what: &str, wasi: Wasi, config: &Value) -> &Figures {
        self.figures
            .get_or_init(|| a_thousand_times(self, what, wasi, config))
    }
}

/// As `plugin check` says it.
fn compile_time(check: &str) -> Duration {
    let (_, time) = check.split_once(" within ").expect("it compiles");
    let (milliseconds, _) = time.split_once(" ms").expect("it is in milliseconds");
    Duration::from_millis(milliseconds.parse().expect("it is a number"))
}
