//! An example, in a copy that nothing was ever built in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ztgit_test_support::{require_tool, said, scratch};

/// What building leaves in the source directory.
const BUILT: [&str; 4] = ["__pycache__", "node_modules", "plugin.wasm", "target"];

/// An example that was built, and its stack rendered.
pub(crate) struct Example {
    /// Where it is.
    pub(crate) directory: PathBuf,
    /// The user's cache directory for the commands.
    pub(crate) cache: PathBuf,
    /// What the commands of its README took, all together.
    pub(crate) took: Duration,
}

impl Example {
    /// Runs the commands of its README. Without one of these tools, says so.
    pub(crate) fn build(name: &str, tools: &[&str]) -> Option<Self> {
        if !tools.iter().all(|tool| require_tool(tool).is_some()) {
            return None;
        }
        let root = scratch("languages").join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("the scratch directory is ours");
        }
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let directory = root.join("examples").join(name);
        copy(&repository.join("examples").join(name), &directory);
        copy(&repository.join("wit"), &root.join("wit"));
        let cache = root.join("cache");
        let took = run(&directory, &commands(&directory), &cache);
        Some(Self {
            directory,
            cache,
            took,
        })
    }

    /// The component.
    pub(crate) fn component(&self) -> Vec<u8> {
        fs::read(self.directory.join("plugin.wasm")).expect("the build makes it")
    }

    /// A file of the tree that its stack renders to.
    pub(crate) fn rendered(&self, path: &str) -> String {
        let path = self.directory.join("target/tree").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// The first block of commands in an example's README.
fn commands(directory: &Path) -> String {
    let readme = fs::read_to_string(directory.join("README.md")).expect("an example has a README");
    let (_, block) = readme
        .split_once("```sh\n")
        .expect("the README says how the example is built");
    let (block, _) = block.split_once("```").expect("the block ends");
    block.to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the commands need the user's tools, and the time they take is measured"
)]
fn run(directory: &Path, commands: &str, cache: &Path) -> Duration {
    let ours = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent();
    let mut path = OsString::from(ours.expect("a program lies in a directory"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let start = Instant::now();
    let output = Command::new("sh")
        .args(["-euxc", commands])
        .current_dir(directory)
        .env("PATH", path)
        .env("XDG_CACHE_HOME", cache)
        .env("npm_config_cache", cache.join("npm"))
        .output()
        .expect("a shell is everywhere");
    assert!(output.status.success(), "{}", said(&output));
    start.elapsed()
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
