//! The same stack gives the same tree, wherever and however it is rendered.

use std::process::Command;

use crate::environment::TestEnvironment;
use crate::stacks::HOMELAB;

/// The tree that a render of the homelab stack commits.
fn tree(change: impl FnOnce(&TestEnvironment, &mut Command)) -> String {
    let env = TestEnvironment::new();
    let fleet = env.path("fleet");
    let mut render = env.command(&["render", HOMELAB, "--repo", fleet.to_str().unwrap()]);
    change(&env, &mut render);
    env.finish(&mut render).expect_exit(0);
    env.git("fleet", &["rev-parse", "HEAD^{tree}"])
}

#[track_caller]
fn same(change: impl FnOnce(&TestEnvironment, &mut Command)) {
    assert_eq!(tree(change), tree(|_, _| ()));
}

#[test]
fn another_working_directory() {
    same(|_, render| {
        render.current_dir("/");
    });
}

#[test]
fn another_time_zone_and_locale() {
    same(|_, render| {
        render
            .env("TZ", "Pacific/Kiritimati")
            .env("LANG", "tr_TR.UTF-8")
            .env("LC_ALL", "de_DE.UTF-8");
    });
}

#[test]
fn another_time() {
    same(|_, render| {
        render.env("SOURCE_DATE_EPOCH", "1");
    });
}

#[test]
fn another_home_and_a_cold_cache() {
    same(|env, render| {
        render.env("HOME", env.path("nowhere"));
    });
}

#[test]
fn one_two_and_eight_threads() {
    for jobs in ["1", "2", "8"] {
        same(|_, render| {
            render.args(["--jobs", jobs]);
        });
    }
}

#[test]
fn an_open_and_a_closed_umask() {
    for umask in ["000", "077"] {
        let env = TestEnvironment::new();
        let mut shell = env.command(&[]);
        let program = shell.get_program().to_owned();
        let mut render = Command::new("sh");
        render.args(["-c", "umask $1; exec \"$2\" render \"$3\"", "sh", umask]);
        render.arg(program).arg(HOMELAB);
        render.env_clear().current_dir(env.path(""));
        render.envs(
            shell
                .env("ZTGIT_REPO", "fleet")
                .get_envs()
                .filter_map(|(k, v)| Some((k, v?))),
        );
        env.finish(&mut render).expect_exit(0);
        assert_eq!(
            env.git("fleet", &["rev-parse", "HEAD^{tree}"]),
            tree(|_, _| ()),
            "{umask}"
        );
        assert_eq!(env.git("fleet", &["status", "--short"]), "");
    }
}

#[test]
fn a_copy_of_the_stack_elsewhere() {
    let env = TestEnvironment::new();
    let stack = std::fs::read_to_string(format!("{HOMELAB}/stack.yaml")).unwrap();
    env.write("deep/down/copy/stack.yaml", stack);
    env.run(&["render", "deep/down/copy/stack.yaml"])
        .expect_exit(0);
    assert_eq!(
        env.git("fleet", &["rev-parse", "HEAD^{tree}"]),
        tree(|_, _| ())
    );
}

#[test]
fn twenty_renders() {
    let env = TestEnvironment::new();
    let digests: std::collections::BTreeSet<String> = (0..20)
        .map(|_| {
            let report = env
                .run(&["check", HOMELAB, "--format", "json"])
                .expect_exit(0)
                .json();
            report["clusters"][0]["digest"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(digests.len(), 1);
}
