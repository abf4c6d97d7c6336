//! `ztgit plugin dev`, which runs while its author works.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use ztgit_test_support::guest;

use crate::environment::TestEnvironment;

/// The build of these sources: they say which guest it is.
const BUILD: &str = "cp \"$(cat which)\" ../mine.wasm";
const STACK: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: dev}
spec:
  plugins: {mine: {path: ../mine.wasm, grants: {namespaces: [demo]}}}
  clusters:
    home:
      flux: {source: {url: \"https://git.example.net/fleet.git\"}}
      namespaces: {demo: {mode: enforce}}
      config: {mine: {objects: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: demo}, data: {text: before}}}]}}
";

/// A world in which the loop runs until the test ends.
struct Loop {
    env: TestEnvironment,
    process: Child,
    results: Receiver<String>,
    complaints: Receiver<String>,
}

impl Loop {
    /// Begun, with the first rendering done.
    fn with_source(which: &str) -> Self {
        let env = TestEnvironment::with_stack(STACK);
        env.write("sources/which", which);
        let arguments = ["plugin", "dev", "stack", "--sources", "sources", "--build"];
        let mut command = env.command(&[arguments.as_slice(), &[BUILD]].concat());
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            env,
            results: lines(process.stdout.take().unwrap()),
            complaints: lines(process.stderr.take().unwrap()),
            process,
        }
    }

    /// Waits for a line of the results.
    fn shows(&self, line: &str) {
        wait(&self.results, line);
    }

    /// Waits for a line beside the results.
    fn complains(&self, line: &str) {
        wait(&self.complaints, line);
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            // Nobody listens any more once the test is over.
            let _ = sender.send(line.unwrap());
        }
    });
    lines
}

fn wait(lines: &Receiver<String>, line: &str) {
    // Far longer than a build may take; a test that gets there hangs.
    let next = || lines.recv_timeout(Duration::from_mins(5));
    while next().unwrap_or_else(|_| panic!("there is no `{line}`")) != line {}
}

fn path(guest_name: &str) -> String {
    guest(guest_name).display().to_string()
}

#[test]
fn a_change_of_the_stack_is_rendered_and_shown() {
    let running = Loop::with_source(&path("puppet"));
    running.complains("waiting for a change");
    running.env.edit("stack/stack.yaml", "before", "after");
    running.shows("-  text: before");
    running.shows("+  text: after");
}

#[test]
fn a_change_of_a_source_is_built_rendered_and_shown() {
    let running = Loop::with_source(&path("puppet"));
    running.complains("waiting for a change");
    // It emits nothing, whatever its config says.
    running.env.write("sources/which", path("well-behaved"));
    running.shows("-  text: before");
}

#[test]
fn a_build_that_fails_is_said_and_the_next_one_is_compared_with_the_last_that_did_not() {
    let running = Loop::with_source(&path("puppet"));
    running.complains("waiting for a change");
    running.env.write("sources/which", "nowhere");
    running.complains(&format!("error: `{BUILD}` ended with exit status: 1"));
    running.complains("waiting for a change");
    running.env.write("sources/which", path("well-behaved"));
    running.shows("-  text: before");
}
