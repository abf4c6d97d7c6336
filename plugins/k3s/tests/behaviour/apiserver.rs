//! The API server's files, read by the code with which it reads them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ztgit_plugin::testing::Rendered;
use ztgit_test_support::{go, said, scratch};

use crate::support::{ADMISSION, AUDIT_POLICY, everything};

/// Builds `tests/apiserver`, which takes half a minute once and nothing later.
fn judge() -> Option<PathBuf> {
    let program = scratch("k3s_apiserver").join("judge");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apiserver");
    go::build(&source, &program)?;
    Some(program)
}

fn judged(program: &Path, audit_policy: &str, admission: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    Command::new(program)
        .arg(write("audit-policy.yaml", audit_policy))
        .arg(write("admission.yaml", admission))
        .output()
        .unwrap()
}

fn texts(rendered: &Rendered) -> [&str; 2] {
    [AUDIT_POLICY, ADMISSION].map(|path| rendered.file("pi-1", path))
}

#[test]
#[ignore = "downloads and builds packages of kube-apiserver"]
fn the_api_server_accepts_its_files_and_would_refuse_a_misspelt_word() {
    let Some(program) = judge() else {
        return;
    };
    let rendered = everything(&"0".repeat(64)).render();
    let [audit_policy, admission] = texts(&rendered);
    let output = judged(&program, audit_policy, admission);
    assert!(output.status.success(), "{}", said(&output));

    let misspelt = audit_policy.replace("level: Metadata", "level: Metdata");
    assert!(!judged(&program, &misspelt, admission).status.success());
    for (from, to) in [
        ("enforce: baseline", "enforce: basline"),
        ("exemptions:", "exemption:"),
        ("longhorn-system", "Longhorn_System"),
    ] {
        let misspelt = admission.replace(from, to);
        assert_ne!(admission, misspelt, "there is no {from}");
        assert!(
            !judged(&program, audit_policy, &misspelt).status.success(),
            "{to}"
        );
    }
}
