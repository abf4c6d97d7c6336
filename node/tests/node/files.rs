//! What an apply does to files.

use std::os::unix::fs::{chown, symlink};

use serde_json::json;
use ztgit_node::{Command, CommandError, Commands, Confirmation, Error, Host, Root, plan};

use crate::fixture::{
    DROP_IN, Folder, MANIFEST, Node, Pretend, RULESET, SYSCTL, UNIT, WG_CONF, bare, running, units,
};

#[test]
fn the_first_apply_puts_everything_in_place_and_the_second_changes_nothing() {
    let node = Node::new();
    let mut commands = bare();
    let applied = node.apply(&Folder::small(1), &mut commands).unwrap();
    assert_eq!(applied.changes.len(), 5);
    assert_eq!((node.mode(WG_CONF), node.mode(UNIT)), (0o600, 0o644));
    let before = node.snapshot();
    commands.run.clear();
    let again = node.apply(&Folder::small(1), &mut commands).unwrap();
    assert_eq!((again.transaction, again.changes.len()), (None, 0));
    assert_eq!(node.snapshot(), before);
    assert_eq!(commands.run, Vec::<String>::new());
}

#[test]
fn tunnels_come_before_the_firewall_and_units_before_both() {
    let node = Node::new();
    let mut commands = running();
    node.apply(&Folder::small(1), &mut commands).unwrap();
    assert_eq!(
        commands.run,
        [
            "systemctl daemon-reload",
            "sysctl --quiet --load /etc/sysctl.d/60-ztgit-wireguard.conf",
            "systemctl enable --now wg-quick@wg0.service",
            "/usr/local/lib/ztgit/wg-sync wg0",
            "systemctl enable --now ztgit-nftables.service",
            "nft --file -",
        ]
    );
}

#[test]
fn services_that_do_not_run_are_left_alone() {
    let node = Node::new();
    let folder = Folder::default().file(
        "/etc/crowdsec/acquis.yaml",
        "# nothing\n",
        "0644",
        json!([{"step": "restart", "argument": "crowdsec.service"}]),
    );
    let mut commands = bare();
    node.apply(&folder, &mut commands).unwrap();
    assert_eq!(commands.run, Vec::<String>::new());
}

#[test]
fn a_failure_of_any_step_restores_bytes_modes_and_owners() {
    for step in [
        "daemon-reload",
        "sysctl --values",
        "sysctl --quiet --load",
        "enable --now wg",
        "wg-sync",
        "nft --file",
        "enable --now zt",
    ] {
        let node = Node::new();
        node.write(WG_CONF, "# by hand\n[Interface]\nPrivateKey = x\n", 0o640);
        chown(node.path(WG_CONF), Some(1234), Some(4321)).unwrap();
        node.write(RULESET, "# by hand\n", 0o604);
        let before = node.snapshot();
        let mut commands = running();
        commands.fails = Some(step);
        commands.fails_once = true;
        let error = node.apply(&Folder::small(1), &mut commands).unwrap_err();
        assert!(matches!(error, Error::RolledBack { .. }), "{step}: {error}");
        assert_eq!(node.snapshot(), before, "{step}");
        node.apply(&Folder::small(1), &mut running()).unwrap();
        assert_eq!(node.mode(WG_CONF), 0o600);
    }
}

#[test]
fn a_failure_activates_the_old_files_again_and_stops_new_units() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let mut commands = running();
    commands.fails = Some("enable --now ztgit");
    commands.fails_once = true;
    let error = node.apply(&Folder::small(2), &mut commands).unwrap_err();
    assert!(matches!(error, Error::RolledBack { .. }), "{error}");
    let after_failure = commands.run.iter().rev().take(7).rev();
    assert!(after_failure.clone().any(|line| line == "nft --file -"));
    assert!(
        after_failure
            .clone()
            .any(|line| line.ends_with("wg-sync wg0"))
    );

    let fresh = Node::new();
    let mut commands = bare();
    commands.fails = Some("enable --now ztgit");
    fresh.apply(&Folder::small(1), &mut commands).unwrap_err();
    assert!(
        commands
            .run
            .contains(&"systemctl disable --now wg-quick@wg0.service".to_owned())
    );
}

#[test]
fn a_file_that_cannot_be_written_restores_those_before_it() {
    let node = Node::new();
    // The third path of five leads through a file.
    node.write("/etc/wireguard", "in the way", 0o644);
    let before = node.snapshot();
    node.apply(&Folder::small(1), &mut running()).unwrap_err();
    assert_eq!(node.snapshot(), before);
}

#[test]
fn an_apply_that_cannot_begin_leaves_the_one_before_it_alone() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let before = node.snapshot();
    // Where the old bytes would be kept.
    std::fs::create_dir(node.path("/var/lib/ztgit/host/.backup-2-0.new")).unwrap();
    node.apply(&Folder::small(2), &mut running()).unwrap_err();
    assert_eq!(node.snapshot(), before);
}

#[test]
fn a_link_or_directory_at_a_target_is_refused_before_anything_is_written() {
    for make in [
        |node: &Node| symlink("/etc/passwd", node.path(SYSCTL)).unwrap(),
        |node: &Node| std::fs::create_dir(node.path(SYSCTL)).unwrap(),
    ] {
        let node = Node::new();
        std::fs::create_dir_all(node.path("/etc/sysctl.d")).unwrap();
        make(&node);
        let error = node.apply(&Folder::small(1), &mut running()).unwrap_err();
        assert!(matches!(error, Error::Obstacle(_)), "{error}");
        assert!(!node.path(WG_CONF).exists());
    }
}

#[test]
fn a_file_that_left_the_folder_is_removed_with_what_it_started() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let mut commands = running();
    node.apply(
        &Folder::small(1).without(WG_CONF).without(RULESET),
        &mut commands,
    )
    .unwrap();
    assert!(!node.path(WG_CONF).exists());
    assert_eq!(
        commands.run,
        [
            "systemctl disable --now wg-quick@wg0.service",
            "nft --file -"
        ]
    );
}

/// A machine that notes whether `wg-quick` could still read its file.
struct Tunnel<'a> {
    node: &'a Node,
    others: Pretend,
    had_file: Vec<bool>,
}

impl Commands for Tunnel<'_> {
    fn run(&mut self, command: &Command, root: &Root) -> Result<Vec<u8>, CommandError> {
        if matches!(command, Command::Disable(_)) {
            self.had_file.push(self.node.path(WG_CONF).exists());
        }
        self.others.run(command, root)
    }
}

#[test]
fn an_interface_that_leaves_is_taken_down_while_its_file_is_there() {
    for unit in ["enabled", "disabled"] {
        let node = Node::new();
        node.apply(&Folder::small(1), &mut running()).unwrap();
        let mut commands = Tunnel {
            node: &node,
            others: units("active", unit),
            had_file: Vec::new(),
        };
        let source = Folder::small(1).without(DROP_IN).without(WG_CONF).source();
        let mut host = Host::open(node.0.path(), &mut commands).unwrap();
        ztgit_node::apply(&mut host, &source, &Confirmation::NotNeeded).unwrap();
        assert!(!node.path(WG_CONF).exists());
        assert_eq!(commands.had_file, [true], "{unit}");
    }
}

#[test]
fn an_interface_that_left_runs_again_after_the_way_back() {
    for (unit, command) in [
        ("enabled", "systemctl enable --now wg-quick@wg0.service"),
        ("disabled", "systemctl restart wg-quick@wg0.service"),
    ] {
        let node = Node::new();
        node.apply(&Folder::small(1), &mut running()).unwrap();
        let mut commands = units("active", unit);
        commands.fails = Some("nft --file");
        commands.fails_once = true;
        let next = Folder::small(2).without(WG_CONF);
        node.apply(&next, &mut commands).unwrap_err();
        let stopped = "systemctl disable --now wg-quick@wg0.service";
        let after = commands.run.iter().skip_while(|line| *line != stopped);
        assert!(after.into_iter().any(|line| line == command), "{unit}");
    }
}

#[test]
fn a_file_that_was_never_ours_stays() {
    let node = Node::new();
    node.write("/etc/wireguard/wg9.conf", "mine", 0o600);
    node.apply(&Folder::small(1), &mut running()).unwrap();
    node.apply(&Folder::small(1).without(WG_CONF), &mut running())
        .unwrap();
    assert_eq!(node.read("/etc/wireguard/wg9.conf"), "mine");
}

#[test]
fn a_file_that_is_written_once_is_the_hosts_own_from_then_on() {
    let node = Node::new();
    let mut folder = Folder::default().file(MANIFEST, "kind: HelmChart\n", "0600", json!([]));
    folder.0.get_mut(MANIFEST).unwrap().lifecycle = "write-once";
    node.apply(&folder, &mut running()).unwrap();
    assert_eq!(node.read(MANIFEST), "kind: HelmChart\n");
    node.write(MANIFEST, "changed", 0o600);
    node.apply(&folder, &mut running()).unwrap();
    assert_eq!(node.read(MANIFEST), "changed");
    node.apply(&Folder::small(1), &mut running()).unwrap();
    assert_eq!(node.read(MANIFEST), "changed");
}

#[test]
fn a_folder_of_another_node_is_refused() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let other = Folder::small(2).write();
    let manifest = std::fs::read_to_string(other.path().join("manifest.json")).unwrap();
    std::fs::write(
        other.path().join("manifest.json"),
        manifest.replace("pi-1", "pi-2"),
    )
    .unwrap();
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    let source = ztgit_node::Source::read(other.path()).unwrap();
    let error = ztgit_node::apply(&mut host, &source, &Confirmation::NotNeeded);
    assert!(matches!(error, Err(Error::OtherNode { .. })));
}

#[test]
fn a_plan_shows_texts_but_not_what_may_hold_a_secret() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    let secret = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    node.write(
        WG_CONF,
        &format!("[Interface]\nPrivateKey = {secret}\n"),
        0o600,
    );
    let before = node.snapshot();
    let mut commands = running();
    let mut host = Host::open(node.0.path(), &mut commands).unwrap();
    let shown =
        serde_json::to_string(&plan(&mut host, &Folder::small(2).source()).unwrap()).unwrap();
    assert!(!shown.contains(secret), "{shown}");
    assert!(shown.contains("\"foreign\""));
    assert!(shown.contains("-\\t\\tudp dport 51821 accept"), "{shown}");
    assert!(shown.contains("+\\t\\tudp dport 51822 accept"));
    assert_eq!(node.snapshot(), before);
    assert_eq!(commands.run, Vec::<String>::new());
}

#[test]
fn a_change_of_mode_alone_is_undone_without_new_bytes() {
    let node = Node::new();
    node.apply(&Folder::small(1), &mut running()).unwrap();
    node.write(DROP_IN, &node.read(DROP_IN), 0o666);
    let applied = node.apply(&Folder::small(1), &mut running()).unwrap();
    let shown = serde_json::to_value(&applied.changes).unwrap();
    assert_eq!(shown[0]["action"], "permissions");
    assert_eq!(node.mode(DROP_IN), 0o644);
}
