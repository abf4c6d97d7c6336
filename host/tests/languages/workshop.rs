//! Where all of a language is built: a directory that begins empty, in which projects
//! share what its package manager fetched and what cargo compiled for them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ztgit_test_support::terminal::Terminal;
use ztgit_test_support::{require_tool, scratch};

/// What building leaves in the source directory.
const BUILT: [&str; 4] = ["__pycache__", "node_modules", "plugin.wasm", "target"];

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
            Self::Rust => &["cargo", "rustup"],
            Self::Python => &["python3"],
            Self::JavaScript => &["node", "npm"],
        }
    }
}

/// The directory of a language.
pub(crate) struct Workshop {
    root: PathBuf,
}

impl Workshop {
    /// The one of a language. Where its tools are not installed, says so.
    pub(crate) fn of(language: Language) -> Option<&'static Self> {
        static RUST: LazyLock<Option<Workshop>> = LazyLock::new(|| Workshop::new(Language::Rust));
        static PYTHON: LazyLock<Option<Workshop>> =
            LazyLock::new(|| Workshop::new(Language::Python));
        static JAVASCRIPT: LazyLock<Option<Workshop>> =
            LazyLock::new(|| Workshop::new(Language::JavaScript));
        let workshop = match language {
            Language::Rust => &RUST,
            Language::Python => &PYTHON,
            Language::JavaScript => &JAVASCRIPT,
        };
        workshop.as_ref()
    }

    fn new(language: Language) -> Option<Self> {
        let tools = language.tools();
        if !tools.iter().all(|tool| require_tool(tool).is_some()) {
            return None;
        }
        let root = scratch("languages").join(language.name());
        if root.exists() {
            fs::remove_dir_all(&root).expect("the scratch directory is ours");
        }
        // The clone that the pages want beside a project.
        let clone = root.join("projects/ztgit");
        fs::create_dir_all(&clone).expect("the scratch directory is writable");
        symlink(repository().join("examples"), clone.join("examples")).expect("it is writable");
        symlink(repository().join("wit"), root.join("wit")).expect("it is writable");
        Some(Self { root })
    }

    /// Where projects are begun.
    pub(crate) fn projects(&self) -> PathBuf {
        self.root.join("projects")
    }

    /// The user's cache directory for the commands.
    pub(crate) fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// A terminal with nothing of the user's but the programs.
    pub(crate) fn terminal(&self, place: &Path) -> Terminal {
        Terminal::new(place, Path::new(env!("CARGO_BIN_EXE_ztgit")))
            .with("XDG_CACHE_HOME", self.cache())
            .with("npm_config_cache", self.cache().join("npm"))
            .with("CARGO_TARGET_DIR", self.root.join("target"))
    }

    /// The sources of an example, as in the repository but for the way to the SDK.
    pub(crate) fn example(&self, name: &str) -> PathBuf {
        let directory = self.root.join("examples").join(name);
        copy(&repository().join("examples").join(name), &directory);
        let manifest = directory.join("Cargo.toml");
        if let Ok(text) = fs::read_to_string(&manifest) {
            let sdk = repository().join("plugins/sdk").display().to_string();
            let text = text.replace("../../plugins/sdk", &sdk);
            fs::write(manifest, text).expect("the scratch directory is writable");
        }
        directory
    }
}

pub(crate) fn repository() -> PathBuf {
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    below.expect("the host is a part of it").to_owned()
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
