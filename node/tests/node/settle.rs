//! Confirming an apply, and taking it back.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use ztgit_node::{
    ConfirmFrom, Confirmation, Error, Host, Verdict, Which, apply, confirm, drift, rollback,
};

use crate::fixture::{Folder, Node, Pretend, bare, running};

/// A `/proc` with a login.
struct Proc(TempDir);

impl Proc {
    /// At some second of a boot, in a shell of a connection that began at
    /// another.
    fn new(boot: &str, now: u64, server: &str, began: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let write = |path: &str, text: String| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("sys/kernel/random/boot_id", format!("{boot}\n"));
        write("uptime", format!("{now}.00 1.00\n"));
        write("self/stat", stat(30, "ztgit", 20, now));
        write("20/stat", stat(20, "sudo (x) ", 10, now));
        write("10/stat", stat(10, server, 5, began));
        write("5/stat", stat(5, "sshd", 1, 1));
        Self(directory)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn stat(process: u32, name: &str, parent: u32, began: u64) -> String {
    let ticks = began * 100;
    format!("{process} ({name}) S {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {ticks} 0 0\n")
}

fn within() -> Confirmation {
    Confirmation::Within {
        seconds: 60,
        rollback: vec![
            "/usr/local/bin/ztgit".to_owned(),
            "host".to_owned(),
            "rollback".to_owned(),
        ],
    }
}

/// Applied at second 100 of boot `a`.
fn applied(commands: &mut Pretend) -> Node {
    let node = Node::new();
    fs::create_dir_all(node.path("/run/systemd/system")).unwrap();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let proc = Proc::new("a", 100, "sshd-session", 90);
    let mut host = Host::open(node.0.path(), commands)
        .unwrap()
        .with_processes(proc.path());
    apply(&mut host, &Folder::small(2).source(), &within()).unwrap();
    node
}

fn confirm_with(node: &Node, proc: &Proc, from: ConfirmFrom) -> Result<u64, Error> {
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands)?.with_processes(proc.path());
    confirm(&mut host, from).map(|confirmed| confirmed.transaction)
}

fn content(version: u16) -> String {
    Folder::small(version).0[crate::fixture::WG_CONF]
        .content
        .clone()
}

#[test]
fn the_timer_is_armed_before_anything_is_activated_and_names_the_apply() {
    let mut commands = running();
    applied(&mut commands);
    let timer = commands
        .run
        .iter()
        .position(|line| line.starts_with("systemd-run"));
    let first = commands
        .run
        .iter()
        .position(|line| line.ends_with("daemon-reload"));
    assert!(timer.unwrap() < first.unwrap());
    assert_eq!(
        commands.run[timer.unwrap()],
        "systemd-run --quiet --collect --unit=ztgit-host-rollback-2 --on-active=60s \
        --timer-property=AccuracySec=1s -- /usr/local/bin/ztgit host rollback --transaction 2"
    );
}

#[test]
fn a_connection_that_began_after_the_apply_confirms_it() {
    let node = applied(&mut running());
    let new = Proc::new("a", 120, "sshd", 110);
    assert_eq!(
        confirm_with(&node, &new, ConfirmFrom::NewConnection).unwrap(),
        2
    );
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    let timer = Which::Unconfirmed {
        transaction: Some(2),
    };
    assert!(rollback(&mut host, timer).unwrap().paths.is_empty());
    assert_eq!(node.read(crate::fixture::WG_CONF), content(2));
}

#[test]
fn an_older_connection_or_none_does_not() {
    let node = applied(&mut running());
    for proc in [
        Proc::new("a", 120, "sshd", 90),
        // What hangs in a terminal multiplexer, below no server but the first.
        Proc::new("a", 120, "tmux", 110),
    ] {
        let error = confirm_with(&node, &proc, ConfirmFrom::NewConnection).unwrap_err();
        assert!(matches!(error, Error::NotFresh(_)), "{error}");
    }
    let console = Proc::new("a", 120, "login", 10);
    assert!(confirm_with(&node, &console, ConfirmFrom::Console).is_ok());
}

#[test]
fn an_apply_that_is_not_confirmed_is_taken_back_and_read_back() {
    let node = applied(&mut running());
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    let other = Which::Unconfirmed {
        transaction: Some(7),
    };
    assert!(rollback(&mut host, other).unwrap().paths.is_empty());
    let timer = Which::Unconfirmed {
        transaction: Some(2),
    };
    let back = rollback(&mut host, timer).unwrap();
    assert_eq!(back.paths.len(), 5);
    assert_eq!(node.read(crate::fixture::WG_CONF), content(1));
    assert!(commands.run.contains(&"nft --file -".to_owned()));
}

#[test]
fn an_unconfirmed_apply_is_taken_back_after_a_new_boot() {
    let node = applied(&mut running());
    let next = Proc::new("b", 20, "sshd", 15);
    let error = confirm_with(&node, &next, ConfirmFrom::NewConnection).unwrap_err();
    assert!(matches!(error, Error::NothingToConfirm));
    assert_eq!(node.read(crate::fixture::WG_CONF), content(1));
}

#[test]
fn nothing_new_is_applied_before_the_last_is_settled() {
    let node = applied(&mut running());
    let mut commands = running();
    let proc = Proc::new("a", 120, "sshd", 110);
    let mut host = Host::open(node.0.path(), &mut commands)
        .unwrap()
        .with_processes(proc.path());
    let error = apply(&mut host, &Folder::small(3).source(), &within()).unwrap_err();
    assert!(matches!(error, Error::Unconfirmed));
    assert_eq!(drift(&mut host, None).unwrap().verdict(), Verdict::Unknown);
}

#[test]
fn a_confirmed_apply_can_be_taken_back_by_hand_once() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut bare()).unwrap();
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    rollback(&mut host, Which::Last).unwrap();
    let error = rollback(&mut host, Which::Last).unwrap_err();
    assert!(matches!(error, Error::NothingToRollBack));
    assert!(node.snapshot().is_empty(), "{:?}", node.snapshot().keys());
    assert!(
        commands
            .run
            .contains(&"systemctl disable --now ztgit-nftables.service".to_owned())
    );
}

#[test]
fn without_a_timer_nothing_is_changed() {
    let node = Node::new();
    let mut commands = running();
    commands.fails = Some("setsid");
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    apply(&mut host, &Folder::small(1).source(), &within()).unwrap_err();
    assert!(node.snapshot().is_empty());
    assert_eq!(commands.run, Vec::<String>::new());
}
