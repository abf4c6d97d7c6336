//! `ztgit host` on a directory that stands for a node.

use crate::environment::TestEnvironment;
use crate::stacks::HOMELAB;

/// The homelab's one node as a directory, its files rendered into `fleet`.
fn node() -> TestEnvironment {
    let env = TestEnvironment::new();
    env.run(&["render", HOMELAB]).expect_exit(0);
    env.write("node/etc/hostname", "pi-1\n");
    env
}

fn host(env: &TestEnvironment, arguments: &[&str]) -> crate::environment::Run {
    let mut all = vec!["host", arguments[0], "--root", "node"];
    all.extend(&arguments[1..]);
    env.run(&all)
}

#[test]
fn an_apply_puts_every_file_in_place() {
    let env = node();
    let plan = host(&env, &["plan", "--exit-code"]).expect_exit(1);
    assert!(
        plan.stdout.contains("create      /etc/wireguard/wg0.conf"),
        "{}",
        plan.stdout
    );
    assert!(!env.exists("node/etc/wireguard"));
    host(&env, &["apply", "--no-confirm"]).expect_exit(0);
    assert!(env.exists("node/etc/wireguard/wg0.conf"));
    let plan = host(&env, &["plan", "--exit-code"]).expect_exit(0);
    assert_eq!(plan.stdout, "nothing would change\n");
}

#[test]
fn an_apply_can_be_taken_back() {
    let env = node();
    host(&env, &["apply", "--no-confirm"]).expect_exit(0);
    host(&env, &["rollback"]).expect_exit(0);
    assert!(!env.exists("node/etc/wireguard/wg0.conf"));
}

#[test]
fn a_changed_file_is_drift() {
    let env = node();
    host(&env, &["apply", "--no-confirm"]).expect_exit(0);
    env.write("node/etc/wireguard/wg0.conf", "[Interface]\n");
    let run = host(&env, &["drift"]).expect_exit(1);
    assert!(
        run.stdout.contains("content       /etc/wireguard/wg0.conf"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_report_of_a_node_is_judged_elsewhere() {
    let env = node();
    host(&env, &["apply", "--no-confirm"]).expect_exit(0);
    let report = env.run(&["host", "drift", "--root", "node", "--format", "json"]);
    env.write("report.json", &report.stdout);
    let run = env.run(&["host", "drift", "--report", "report.json", "--node", "pi-1"]);
    // Only files were looked at, so what is in effect is not known.
    run.expect_exit(3);
    env.write("report.json", "{}");
    let run = env.run(&["host", "drift", "--report", "report.json", "--node", "pi-1"]);
    assert!(run.expect_exit(3).stderr.contains("HostDriftReport"));
}

#[test]
fn a_copied_folder_that_was_changed_is_not_applied() {
    let env = node();
    env.run(&["render", HOMELAB, "--out", "plain"])
        .expect_exit(0);
    env.edit(
        "plain/hosts/home/pi-1/files/etc/ztgit/nftables.nft",
        "hook input priority filter + 10; policy drop",
        "hook input priority filter + 10; policy accept",
    );
    let run = host(
        &env,
        &["apply", "--no-confirm", "--from", "plain/hosts/home/pi-1"],
    );
    assert!(run.expect_exit(4).stderr.contains("nftables.nft"));
    assert!(!env.exists("node/etc/ztgit"));
}

#[test]
fn a_mistyped_node_is_suggested() {
    let env = node();
    let run = host(&env, &["plan", "--node", "pi-2"]).expect_exit(2);
    assert!(
        run.stderr.contains("did you mean `pi-1`?"),
        "{}",
        run.stderr
    );
}
