//! Shell scripts, read by bash and shellcheck.

use std::fs;
use std::process::Command;

use ztgit_test_support::{require_tool, said};

use crate::rendered::Rendered;

/// Every rendered file that starts as a shell script does, whatever its name.
fn accepted_by(program: &str, arguments: &[&str]) {
    let Some(program) = require_tool(program) else {
        return;
    };
    let rendered = Rendered::stacks();
    let mut scripts = rendered.files(|name| name.contains("/hosts/"));
    scripts.retain(|file| {
        let bytes = fs::read(&file.path).unwrap();
        [&b"#!/bin/bash\n"[..], b"#!/bin/sh\n"]
            .iter()
            .any(|start| bytes.starts_with(start))
    });
    assert!(!scripts.is_empty(), "no stack renders a script");
    for script in scripts {
        let output = Command::new(&program)
            .args(arguments)
            .arg(&script.path)
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {}", said(&output));
    }
}

#[test]
fn bash_can_read_every_script() {
    accepted_by("bash", &["-n"]);
}

#[test]
fn shellcheck_finds_nothing_in_any_script() {
    accepted_by("shellcheck", &[]);
}
