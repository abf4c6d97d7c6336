//! The canonical YAML against the readers that matter: Go's
//! `sigs.k8s.io/yaml` and `yaml.v3`, and `PyYAML`.
//!
//! Documents full of strings that some reader could misread are written by the
//! emitter and piped, next to the JSON they stand for, to small programs under
//! `tests/yaml`, which compare. `ZTGIT_YAML_CASES` is the number of strings.
//! Where Go or `PyYAML` is absent the test says so and passes, unless
//! `ZTGIT_REQUIRE_TOOLS=1`.

#[path = "yaml_readers/cases.rs"]
mod cases;

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use ztgit::tree::yaml::to_yaml;
use ztgit_test_support::{go, require, require_tool};

use cases::Documents;

const DEFAULT_CASES: u64 = 20_000;

#[test]
fn go_reads_every_document_back() {
    check("Go with sigs.k8s.io/yaml and yaml.v3", go_reader());
}

#[test]
fn python_reads_every_document_back() {
    check("Python with PyYAML", python_reader());
}

/// Pipes all documents through a reader, if there is one.
fn check(name: &str, reader: Option<Command>) {
    let Some(mut reader) = reader else {
        return;
    };
    let cases = setting("ZTGIT_YAML_CASES").map_or(DEFAULT_CASES, |text| {
        text.parse().expect("ZTGIT_YAML_CASES is a number")
    });
    let mut child = reader
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reader starts");
    let fed = feed(child.stdin.take().expect("its input is piped"), cases);
    let output = child.wait_with_output().expect("the reader ends");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{name} takes documents for something else:\n{report}"
    );
    fed.expect("a reader that is content has read everything");
    say(&format!("{name}: {cases} strings, {}", report.trim_end()));
}

fn feed(pipe: impl Write, cases: u64) -> Result<(), Box<dyn Error>> {
    let mut pipe = BufWriter::new(pipe);
    for document in Documents::new(cases) {
        let pair = json!({"yaml": to_yaml(&document), "json": document});
        serde_json::to_writer(&mut pipe, &pair)?;
        pipe.write_all(b"\n")?;
    }
    Ok(pipe.flush()?)
}

fn go_reader() -> Option<Command> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("yaml-reader");
    go::build(&readers(), &program)?;
    Some(Command::new(program))
}

fn python_reader() -> Option<Command> {
    let python = require_tool("python3")?;
    let mut import = Command::new(&python);
    let imported = import.args(["-c", "import yaml"]).output();
    require(imported.is_ok_and(|it| it.status.success()), "PyYAML")?;
    let mut reader = Command::new(python);
    reader.arg(readers().join("read.py"));
    Some(reader)
}

fn readers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/yaml")
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is for the caller to say"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Past the capture of the test harness: a skipped test has to be seen.
fn say(line: &str) {
    let line = format!("{line}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("standard error is open");
}
