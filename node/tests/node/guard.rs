//! A firewall that could lock everybody out.

use ztgit_node::{Confirmation, Host, apply};

use crate::fixture::{Folder, Node, RULES, RULESET, UNIT, WG_CONF, running};

fn closed() -> Folder {
    let rules = RULES.replace(
        "ip saddr 192.168.1.0/24 tcp dport 22",
        "iifname \"wg0\" tcp dport 22",
    );
    let mut folder = Folder::small(1);
    folder.0.get_mut(RULESET).unwrap().content = rules;
    folder
}

fn apply_live(node: &Node, folder: &Folder, handshakes: &str) -> Vec<String> {
    let mut commands = running();
    commands
        .answers
        .push(("latest-handshakes", handshakes.to_owned()));
    let mut host = Host::open(node.0.path(), &mut commands).unwrap().live();
    let applied = apply(&mut host, &folder.source(), &Confirmation::NotNeeded).unwrap();
    applied
        .held
        .into_iter()
        .map(|held| held.path.to_string())
        .collect()
}

#[test]
fn it_waits_until_somebody_was_heard_through_a_tunnel() {
    let node = Node::new();
    assert_eq!(
        apply_live(&node, &closed(), "wg0\tKEY=\t0\n"),
        [UNIT, RULESET]
    );
    assert!(node.path(WG_CONF).exists() && !node.path(RULESET).exists());
    assert_eq!(
        apply_live(&node, &closed(), "wg0\tKEY=\t1700000000\n"),
        Vec::<String>::new()
    );
    assert!(node.path(RULESET).exists());
}

#[test]
fn it_waits_where_nothing_can_be_learnt_of_tunnels() {
    assert_eq!(apply_live(&Node::new(), &closed(), ""), [UNIT, RULESET]);
}

#[test]
fn it_is_put_in_place_at_once_where_ssh_is_open() {
    assert_eq!(
        apply_live(&Node::new(), &Folder::small(1), ""),
        Vec::<String>::new()
    );
}

#[test]
fn what_was_in_place_before_stays_while_its_successor_waits() {
    let node = Node::new();
    apply_live(&node, &Folder::small(1), "");
    let before = node.read(RULESET);
    assert_eq!(apply_live(&node, &closed(), ""), [RULESET]);
    assert_eq!(node.read(RULESET), before);
    assert_eq!(
        apply_live(&node, &Folder::small(1), ""),
        Vec::<String>::new()
    );
}
