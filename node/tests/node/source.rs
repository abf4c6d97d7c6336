//! Folders that are not what their manifest says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;
use ztgit_node::{Error, ErrorKind, Source, SourceError};

use crate::fixture::{DROP_IN, Folder, SYSCTL, WG_CONF};

fn error(change: impl Fn(&Path)) -> SourceError {
    let folder = Folder::small(1).write();
    change(folder.path());
    Source::read(folder.path()).unwrap_err()
}

fn tampered(change: impl Fn(&Path)) {
    let error = error(change);
    assert!(matches!(error, SourceError::Tampered(_)), "{error}");
    assert_eq!(Error::from(error).kind(), ErrorKind::Untrusted);
}

fn in_files(folder: &Path, path: &str) -> std::path::PathBuf {
    folder.join("files").join(&path[1..])
}

#[test]
fn one_byte_more_is_tampering() {
    tampered(|folder| {
        let path = in_files(folder, SYSCTL);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + "\n").unwrap();
    });
}

#[test]
fn a_file_more_or_less_is_tampering() {
    tampered(|folder| fs::write(folder.join("files/etc/extra"), "").unwrap());
    tampered(|folder| fs::write(folder.join("extra"), "").unwrap());
    tampered(|folder| fs::remove_file(in_files(folder, SYSCTL)).unwrap());
}

#[test]
fn a_link_is_tampering_wherever_it_leads() {
    tampered(|folder| symlink("/etc/passwd", folder.join("files/link")).unwrap());
    tampered(|folder| {
        let target = in_files(folder, SYSCTL);
        let copy = folder.join("copy");
        fs::rename(&target, &copy).unwrap();
        symlink(copy, target).unwrap();
    });
    tampered(|folder| {
        fs::rename(folder.join("files"), folder.join("elsewhere")).unwrap();
        symlink("elsewhere", folder.join("files")).unwrap();
    });
}

#[test]
fn a_manifest_of_another_shape_is_tampering() {
    for (from, to) in [
        ("\"node\"", "\"client\""),
        ("HostManifest", "Manifest"),
        ("/etc/wireguard/wg0.conf", "/etc/wireguard/../wg0.conf"),
        ("\"0600\"", "\"4755\\u0000\""),
        ("wg-quick@wg0.service", "ssh.service"),
        ("sync-wireguard", "run"),
        ("\"home\"", "\"\\u001b[2J\""),
        ("\"pi-1\"", "\"../pi-1\""),
    ] {
        tampered(|folder| {
            let path = folder.join("manifest.json");
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        });
    }
    tampered(|folder| fs::write(folder.join("manifest.json"), "[".repeat(100_000)).unwrap());
}

#[test]
fn a_missing_folder_is_no_tampering() {
    let error = Source::read(Path::new("/nowhere")).unwrap_err();
    assert_eq!(Error::from(error).kind(), ErrorKind::Unfinished);
}

#[test]
fn every_refusal_is_named_with_its_file_and_line() {
    let folder = Folder::small(1)
        .file(
            "/etc/cron.d/ztgit",
            "* * * * * root reboot\n",
            "0644",
            json!([]),
        )
        .file(WG_CONF, "[Interface]\nPostUp = reboot\n", "0600", json!([]))
        .file(DROP_IN, "[Service]\nUser=root\n", "0666", json!([]))
        .write();
    let Err(SourceError::Refused(refusals)) = Source::read(folder.path()) else {
        panic!("it was taken");
    };
    let refusals: Vec<_> = refusals.iter().map(ToString::to_string).collect();
    assert_eq!(
        refusals,
        [
            "/etc/cron.d/ztgit: no format is known for this path, which the plugin `test` gives",
            "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf: mode 0666 gives more than 0644",
            "/etc/wireguard/wg0.conf:2: the value of `PostUp` is not one that ztgit renders",
        ]
    );
}

#[test]
fn a_folder_does_not_name_the_units_that_take_it_back() {
    for step in ["enable", "restart"] {
        let steps = json!([{"step": step, "argument": "ztgit-host-rollback-2.timer"}]);
        let folder = Folder::small(1).file(SYSCTL, "", "0644", steps).write();
        let error = Source::read(folder.path()).unwrap_err();
        assert!(matches!(error, SourceError::Tampered(_)), "{error}");
    }
    let unit = "/etc/systemd/system/ztgit-host-recover.service";
    let folder = Folder::small(1).file(unit, "", "0644", json!([])).write();
    let error = Source::read(folder.path()).unwrap_err();
    assert!(matches!(error, SourceError::Refused(_)), "{error}");
}

#[test]
fn a_folder_that_would_fill_journal_screen_or_memory_is_refused() {
    let steps = vec![json!({"step": "daemon-reload"}); 9];
    let many_steps = Folder::small(1).file(SYSCTL, "", "0644", json!(steps));
    let many_faults = Folder::default().file(SYSCTL, &"x\n".repeat(1000), "0644", json!([]));
    for (folder, most) in [(many_steps, 1), (many_faults, 20)] {
        let Err(SourceError::Refused(refusals)) = Source::read(folder.write().path()) else {
            panic!("it was taken");
        };
        assert_eq!(refusals.len(), most);
    }
    let megabyte = "#\n".repeat(1 << 19);
    let large = (0..17).fold(Folder::default(), |folder, number| {
        let path = format!("/etc/sysctl.d/{number}-ztgit.conf");
        folder.file(&path, &megabyte, "0644", json!([]))
    });
    let error = Source::read(large.write().path()).unwrap_err();
    assert!(matches!(error, SourceError::Tampered(_)), "{error}");
}
