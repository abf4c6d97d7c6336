//! Cilium's own policy engine, to compare with in slow tests.
//!
//! In: policies as objects, a [`World`] and questions. Out: which policies the agent
//! takes, and for each question what both sides say. The engine is a Go program beside
//! this file, made of the packages that the agent is made of; building it takes some
//! minutes the first time and needs the Go module proxy. One process answers any number
//! of requests, a line each.

mod examples;
mod wire;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use ztgit_policy::reach::{Question, World};
use ztgit_test_support::go;

pub use examples::examples;
pub use wire::{Answer, Judgement, Said, Side, Verdict};

static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();

/// A running engine. Dropped, it ends.
pub struct Engine {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Engine {
    /// Builds and starts it; nothing where Go is not installed, which
    /// [`go::build`] has then reported.
    pub fn start() -> Option<Self> {
        let program = PROGRAM.get_or_init(build).as_ref()?;
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("what was just built starts");
        Some(Self {
            requests: process.stdin.take(),
            answers: BufReader::new(process.stdout.take().expect("its output is piped")),
            process,
        })
    }

    /// What the agent makes of policies, and what both sides say to questions.
    pub fn ask(&mut self, policies: &[Value], world: &World, questions: &[Question<'_>]) -> Answer {
        let request = wire::request(policies, world, questions);
        let requests = self.requests.as_mut().expect("open until it is dropped");
        serde_json::to_writer(&mut *requests, &request).expect("the engine reads");
        requests.write_all(b"\n").expect("the engine reads");
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the engine writes text");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("no answer: {error} in {line:?}"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.requests.take());
        // It ends when nothing more is asked; how does not matter any more.
        let _ = self.process.wait();
    }
}

fn build() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = target(source).join("cilium-engine/engine");
    go::build(source, &program)?;
    Some(program)
}

/// Where Cargo puts what it builds.
#[expect(
    clippy::disallowed_methods,
    reason = "where to build is for the caller to say"
)]
fn target(source: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => std::path::absolute(directory).expect("a directory that exists"),
        None => source.join("../../target"),
    }
}
