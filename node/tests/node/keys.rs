//! Public keys, by the real wg.

use ztgit_node::{Host, System, keys};
use ztgit_test_support::require_tool;

use crate::fixture::Node;

#[test]
fn the_public_half_of_every_key_is_shown_and_the_private_one_is_not() {
    if require_tool("wg").is_none() {
        return;
    }
    let node = Node::new();
    // The example of RFC 7748, section 6.1.
    let private = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
    node.write("/etc/wireguard/wg0.key", &format!("{private}\n"), 0o600);
    node.write("/etc/wireguard/wg0.conf", "", 0o600);
    let mut system = System;
    let mut host = Host::open(node.0.path(), &mut system).unwrap();
    let keys = keys(&mut host).unwrap().to_string();
    assert_eq!(
        keys,
        "wg0: {publicKey: \"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\"}\n"
    );
}
