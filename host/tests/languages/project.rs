//! A plugin's project, in a directory that nothing was ever built in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ztgit_test_support::pages::{blocks, fenced};
use ztgit_test_support::{require_tool, said, scratch};

/// What building leaves in the source directory.
const BUILT: [&str; 4] = ["__pycache__", "node_modules", "plugin.wasm", "target"];

/// A project that was built, and its stack rendered.
pub(crate) struct Project {
    /// Where it is.
    pub(crate) directory: PathBuf,
    /// The user's cache directory for the commands.
    pub(crate) cache: PathBuf,
    /// What its first build took, with its toolchain's installation.
    pub(crate) built_in: Duration,
}

/// A language that `plugin new` has a project for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    JavaScript,
}

impl Language {
    /// As `--lang` has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }

    /// What an author needs to have.
    fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["cargo"],
            Self::Python => &["python3"],
            Self::JavaScript => &["node", "npm"],
        }
    }

    /// The file that an author changes first.
    fn source(self) -> &'static str {
        match self {
            Self::Rust => "src/lib.rs",
            Self::Python => "src/greeter.py",
            Self::JavaScript => "greeter.js",
        }
    }
}

impl Project {
    /// An example: by the commands of its README, then by those of the page that
    /// explains it. Without one of these tools, says so.
    pub(crate) fn example(name: &str, page: &str, tools: &[&str]) -> Option<Self> {
        if !are_there(tools) {
            return None;
        }
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = empty(name);
        let directory = root.join("examples").join(name);
        copy(&repository.join("examples").join(name), &directory);
        copy(&repository.join("wit"), &root.join("wit"));
        let mut project = Self {
            cache: root.join("cache"),
            directory,
            built_in: Duration::ZERO,
        };
        let readme = fenced(&project.read("README.md"));
        let commands = readme.into_iter().find(|block| block.language == "sh");
        let commands = commands.expect("the README says how the example is built");
        project.built_in = project.run(&commands.text);
        fs::remove_file(project.directory.join("plugin.wasm")).expect("the README makes it");
        for block in blocks(page) {
            if block.language == "sh" {
                project.run(&block.text);
            }
        }
        project.run("ztgit plugin check plugin.wasm && ztgit plugin test .");
        Some(project)
    }

    /// What `ztgit plugin new` writes, untouched: built, checked, tested and rendered
    /// by the commands of its README.
    pub(crate) fn begun(language: Language) -> Option<Self> {
        if !are_there(language.tools()) {
            return None;
        }
        let root = empty(&format!("begun-{}", language.name()));
        let mut project = Self {
            cache: root.join("cache"),
            directory: root,
            built_in: Duration::ZERO,
        };
        project.run(&format!(
            "ztgit plugin new greeter --lang {}",
            language.name()
        ));
        project.directory.push("greeter");
        let readme = project.read("README.md");
        let commands = readme.lines().filter_map(|line| line.strip_prefix("    "));
        // The last one goes on until somebody ends it.
        let mut commands = commands.filter(|command| !command.starts_with("ztgit plugin dev "));
        let build = commands.next().expect("the README says how it is built");
        project.built_in = project.run(build);
        let others: Vec<&str> = commands.collect();
        project.run(&others.join("\n"));
        Some(project)
    }

    /// Builds it once more, as after a change.
    pub(crate) fn build_again(&self, language: Language) -> Duration {
        let source = self.directory.join(language.source());
        let text = fs::read(&source).expect("the project has it");
        fs::write(&source, text).expect("the scratch directory is writable");
        self.run("./build.sh")
    }

    /// The component.
    pub(crate) fn component(&self) -> Vec<u8> {
        fs::read(self.directory.join("plugin.wasm")).expect("the build makes it")
    }

    /// A file of the project, or of what was rendered in it.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.directory.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs commands there, which must succeed; comes back with the time that they
    /// took.
    #[expect(
        clippy::disallowed_methods,
        reason = "the commands need the user's tools, and the time they take is measured"
    )]
    fn run(&self, commands: &str) -> Duration {
        let ours = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent();
        let mut path = OsString::from(ours.expect("a program lies in a directory"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let start = Instant::now();
        let output = Command::new("sh")
            .args(["-euxc", commands])
            .current_dir(&self.directory)
            .env("PATH", path)
            .env("XDG_CACHE_HOME", &self.cache)
            .env("npm_config_cache", self.cache.join("npm"))
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("a shell is everywhere");
        assert!(output.status.success(), "{}", said(&output));
        start.elapsed()
    }
}

fn are_there(tools: &[&str]) -> bool {
    tools.iter().all(|tool| require_tool(tool).is_some())
}

/// A directory with nothing in it.
fn empty(name: &str) -> PathBuf {
    let root = scratch("languages").join(name);
    if root.exists() {
        fs::remove_dir_all(&root).expect("the scratch directory is ours");
    }
    fs::create_dir(&root).expect("the scratch directory is writable");
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the scratch directory is writable");
    for entry in fs::read_dir(from).expect("the repository is readable") {
        let entry = entry.expect("the repository is readable");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if BUILT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("the scratch directory is writable");
        }
    }
}
