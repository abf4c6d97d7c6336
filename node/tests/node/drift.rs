//! What drift finds.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use ztgit_node::{Host, Kind, Report, Verdict, drift, judge};

use crate::fixture::{Folder, LOADER, Node, Pretend, RULESET, SYSCTL, UNIT, WG_CONF, running};

fn report(node: &Node) -> Report {
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    drift(&mut host, None).unwrap()
}

fn kinds(report: &Report) -> Vec<(&str, Kind)> {
    let findings = report.findings.iter();
    findings
        .map(|finding| (finding.subject.as_str(), finding.kind))
        .collect()
}

fn after(change: impl Fn(&Node)) -> Report {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    assert_eq!(report(&node).verdict(), Verdict::Clean);
    change(&node);
    report(&node)
}

#[test]
fn each_way_to_differ_has_its_name() {
    let found = after(|node| node.write(SYSCTL, "net.ipv4.ip_forward = 0\n", 0o644));
    assert_eq!(kinds(&found), [(SYSCTL, Kind::Content)]);
    let found = after(|node| node.write(WG_CONF, &node.read(WG_CONF), 0o644));
    assert_eq!(kinds(&found), [(WG_CONF, Kind::Mode)]);
    let found = after(|node| chown(node.path(UNIT), Some(7), None).unwrap());
    assert_eq!(kinds(&found), [(UNIT, Kind::Owner)]);
    let found = after(|node| fs::remove_file(node.path(UNIT)).unwrap());
    assert_eq!(kinds(&found), [(UNIT, Kind::Missing)]);
    let found = after(|node| fs::hard_link(node.path(UNIT), node.path("/second")).unwrap());
    assert_eq!(kinds(&found), [(UNIT, Kind::Links)]);
    let found = after(|node| {
        fs::rename(node.path(UNIT), node.path("/second")).unwrap();
        symlink("/second", node.path(UNIT)).unwrap();
    });
    assert_eq!(kinds(&found), [(UNIT, Kind::Type)]);
    let found = after(|node| node.write(LOADER, "#!/bin/sh\n", 0o755));
    assert_eq!(kinds(&found), [(LOADER, Kind::Extra)]);
}

#[test]
fn a_file_beside_ours_in_a_shared_directory_is_nobodys_business() {
    let found = after(|node| node.write("/etc/systemd/system/other.service", "x", 0o644));
    assert_eq!(found.verdict(), Verdict::Clean);
}

/// A node on which everything is in effect, but for some answers.
fn live(answers: &[(&'static str, &str)]) -> Report {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let usual = running().answers;
    let mut all: Vec<_> = answers
        .iter()
        .map(|(part, text)| (*part, (*text).to_owned()))
        .collect();
    all.extend([
        ("list table", "table inet ztgit {\n}\n".to_owned()),
        (
            "allowed-ips",
            "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=\t10.100.0.2/32\n".to_owned(),
        ),
        ("listen-port", "51821\n".to_owned()),
        ("sysctl --values", "1\n".to_owned()),
    ]);
    all.extend(usual);
    let mut commands = Pretend {
        answers: all,
        ..Pretend::default()
    };
    let mut host = Host::open(node.0.path(), &mut commands).unwrap().live();
    drift(&mut host, None).unwrap()
}

#[test]
fn what_is_in_effect_is_compared_too() {
    assert_eq!(live(&[]).verdict(), Verdict::Clean);
    let stranger = "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=\t10.100.0.2/32\nX=\t0.0.0.0/0\n";
    for (part, answer, path) in [
        ("stateless list table", "", RULESET),
        ("allowed-ips", stranger, WG_CONF),
        (
            "allowed-ips",
            "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=\t(none)\n",
            WG_CONF,
        ),
        ("listen-port", "1\n", WG_CONF),
        ("sysctl --values", "0\n", SYSCTL),
    ] {
        // The command that tries the file says more before these words.
        let report = match part {
            "stateless list table" => live(&[
                ("unshare", "table inet ztgit {\n\tchain\n}\n"),
                ("--stateless list", answer),
            ]),
            part => live(&[(part, answer)]),
        };
        assert_eq!(kinds(&report), [(path, Kind::NotInEffect)], "{part}");
    }
}

#[test]
fn units_that_are_off_changed_or_gone_are_found() {
    for status in [
        "LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nNeedDaemonReload=no\n",
        "LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nNeedDaemonReload=no\n",
        "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=yes\n",
        "LoadState=not-found\nActiveState=inactive\nUnitFileState=\nNeedDaemonReload=no\n",
    ] {
        let report = live(&[("systemctl show", status)]);
        let expected = [(WG_CONF, Kind::NotInEffect), (UNIT, Kind::NotInEffect)];
        assert_eq!(kinds(&report), expected, "{status}");
    }
}

#[test]
fn a_question_without_an_answer_is_unknown_and_never_clean() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let mut recorder = ztgit_node::Recorder::default();
    let mut host = Host::open(node.0.path(), &mut recorder).unwrap().live();
    let report = drift(&mut host, None).unwrap();
    assert_eq!(report.verdict(), Verdict::Unknown);
    assert_eq!(report.findings.len(), 5);
}

#[test]
fn a_report_reads_back_as_it_was() {
    let report = live(&[("listen-port", "1\n")]);
    let bytes = serde_json::to_vec(&report).unwrap();
    let read = judge(&bytes, None).unwrap();
    assert_eq!((read.verdict(), read.findings.len()), (Verdict::Drift, 1));
}

#[test]
fn what_is_not_in_effect_is_put_into_effect_by_an_apply_without_changes() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let mut commands = running();
    commands.answers.insert(0, ("unshare", "rules".to_owned()));
    commands.answers.insert(
        1,
        (
            "allowed-ips",
            "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=\t10.100.0.2/32\n".to_owned(),
        ),
    );
    commands
        .answers
        .insert(1, ("listen-port", "51821".to_owned()));
    commands
        .answers
        .insert(1, ("sysctl --values", "1".to_owned()));
    let mut host = Host::open(node.0.path(), &mut commands).unwrap().live();
    let source = Folder::small(1).source();
    let applied = ztgit_node::apply(&mut host, &source, &ztgit_node::Confirmation::NotNeeded);
    assert_eq!(
        applied.unwrap().activation,
        ["nft --file /etc/ztgit/nftables.nft"]
    );
    assert_eq!(commands.run, ["nft --file -"]);
}
