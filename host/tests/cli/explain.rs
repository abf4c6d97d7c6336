//! `ztgit explain`: the long texts. That each code has one is the registry's
//! own test.

use crate::environment::TestEnvironment;

#[test]
fn every_listed_code_has_a_text() {
    let env = TestEnvironment::new();
    let listed = env.run(&["explain"]).expect_exit(0).stdout;
    assert!(listed.lines().count() > 40, "{listed}");
    for code in listed.lines() {
        let run = env.run(&["explain", code]).expect_exit(0);
        assert!(run.stdout.lines().count() > 3, "{}", run.snapshot());
    }
}

#[test]
fn a_code_that_is_not_there_is_answered_with_the_closest() {
    insta::assert_snapshot!(
        TestEnvironment::new()
            .run(&["explain", "unknown-kee"])
            .snapshot()
    );
}

#[test]
fn a_plugin_s_code_is_the_plugin_s_to_explain() {
    insta::assert_snapshot!(
        TestEnvironment::new()
            .run(&["explain", "wireguard/x"])
            .snapshot()
    );
}
