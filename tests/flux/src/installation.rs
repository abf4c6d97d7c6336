//! Where the programs are that the suite runs: those that `tests/flux/build`
//! made, and the `ztgit` under test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Names a `ztgit` to test, instead of the newest that was built.
const ZTGIT_BIN: &str = "ZTGIT_BIN";

/// One set of programs and definitions, of versions that belong together.
#[derive(Debug, Clone)]
pub struct Installation(PathBuf);

impl Installation {
    /// What `tests/flux/build` has built. A test that somebody asked for and
    /// that cannot run has failed, so this panics where there is nothing.
    pub fn locate() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build");
        let output = Command::new(&script)
            .arg("--locate")
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let line = String::from_utf8(output.stdout).expect("the path is text");
        Self(PathBuf::from(line.trim_end()))
    }

    /// A program by its name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }

    /// The `CustomResourceDefinition`s of a project, as YAML texts by file name.
    pub fn definitions(&self, project: &str) -> Vec<String> {
        let directory = self.0.join("crds").join(project);
        let mut paths: Vec<PathBuf> = fs::read_dir(&directory)
            .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
            .map(|entry| entry.expect("a directory can be listed").path())
            .collect();
        paths.sort();
        paths
            .iter()
            .map(|path| fs::read_to_string(path).expect("a definition can be read"))
            .collect()
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
}

/// The program under test: `ZTGIT_BIN`, else the newest in the target directory
/// that this test was built in.
#[expect(
    clippy::disallowed_methods,
    reason = "how CI says which program to test"
)]
pub(crate) fn ztgit() -> PathBuf {
    if let Some(path) = std::env::var_os(ZTGIT_BIN) {
        return PathBuf::from(path);
    }
    // A test's program is at `<target>/<profile>/deps/`.
    let program = std::env::current_exe().expect("a running program has a path");
    let target = program.ancestors().nth(3).expect("it lies deep");
    let built = ["release", "debug"].map(|profile| target.join(profile).join("ztgit"));
    let newest = built.into_iter().max_by_key(|path| modified(path));
    newest
        .filter(|path| path.is_file())
        .unwrap_or_else(|| panic!("there is no ztgit: run `cargo build`, or set {ZTGIT_BIN}"))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}
