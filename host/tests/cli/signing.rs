//! `ztgit render --sign`, with the programs that git signs with; `git
//! verify-commit` is the judge.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use ztgit_test_support::require_tool;

use crate::environment::{Run, TestEnvironment};
use crate::stacks::TWO_CLUSTERS;

/// A stack, and an SSH key at `keys/ssh` that git trusts; `None` where nothing can
/// make one.
fn with_ssh_key() -> Option<TestEnvironment> {
    require_tool("ssh-keygen")?;
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.write("keys/allowed", "");
    let key = env.path("keys/ssh");
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"];
    succeed(env.tool("ssh-keygen", &arguments).arg(&key));
    env.write(
        "keys/allowed",
        format!("tester@example.net {}", env.read("keys/ssh.pub")),
    );
    let allowed = env.path("keys/allowed");
    configure(&env, "gpg.ssh.allowedSignersFile", &allowed);
    Some(env)
}

/// The same, and git signs with it.
fn configured() -> Option<TestEnvironment> {
    let env = with_ssh_key()?;
    configure(&env, "gpg.format", Path::new("ssh"));
    configure(&env, "user.signingKey", &env.path("keys/ssh"));
    Some(env)
}

fn configure(env: &TestEnvironment, name: &str, value: &Path) {
    env.git("", &["config", "--global", name, value.to_str().unwrap()]);
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether git finds the tip to be signed by somebody it trusts.
fn is_verified(env: &TestEnvironment) -> bool {
    let mut git = env.tool("git", &["-C", "fleet", "verify-commit", "HEAD"]);
    git.output().unwrap().status.success()
}

fn has_signature(env: &TestEnvironment) -> bool {
    env.git("fleet", &["cat-file", "commit", "HEAD"])
        .contains("\ngpgsig ")
}

/// An agent of `ssh` or `gpg`, ended with the test.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_key_of_git_s_configuration_signs() {
    let Some(env) = configured() else {
        return;
    };
    env.run(&["render", "stack", "--sign"]).expect_exit(0);
    assert!(is_verified(&env));
    assert_eq!(env.git("fleet", &["fsck", "--strict"]), "");
}

#[test]
fn a_key_file_signs_whatever_the_configuration_says() {
    let Some(env) = with_ssh_key() else {
        return;
    };
    configure(&env, "gpg.format", Path::new("openpgp"));
    env.run(&["render", "stack", "--sign=keys/ssh"])
        .expect_exit(0);
    assert!(is_verified(&env));
}

#[test]
fn unasked_nothing_is_signed() {
    let Some(env) = configured() else {
        return;
    };
    env.run(&["render", "stack"]).expect_exit(0);
    assert!(!has_signature(&env));
}

#[test]
fn git_s_wish_to_have_all_commits_signed_counts_until_somebody_says_no() {
    let Some(env) = configured() else {
        return;
    };
    configure(&env, "commit.gpgSign", Path::new("true"));
    env.run(&["render", "stack"]).expect_exit(0);
    assert!(is_verified(&env));
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    env.run(&["render", "stack", "--no-sign"]).expect_exit(0);
    assert!(!has_signature(&env));
}

#[test]
fn the_program_of_git_s_configuration_is_the_one_that_signs() {
    let Some(env) = configured() else {
        return;
    };
    let script =
        "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/arguments\"\nexec ssh-keygen \"$@\"\n";
    env.write("bin/sign", script);
    succeed(&mut env.tool("chmod", &["+x", "bin/sign"]));
    configure(&env, "gpg.ssh.program", &env.path("bin/sign"));
    env.run(&["render", "stack", "--sign"]).expect_exit(0);
    assert!(is_verified(&env));
    assert!(env.read("bin/arguments").starts_with("-Y sign -n git -f "));
}

#[test]
fn a_key_that_only_the_agent_has_signs() {
    let Some(env) = with_ssh_key() else {
        return;
    };
    let socket = env.path("agent");
    let mut agent = env.tool("ssh-agent", &["-D", "-a"]);
    agent.arg(&socket).stdout(Stdio::null());
    let _agent = Agent(agent.spawn().unwrap());
    let added = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let mut add = env.tool("ssh-add", &["-q", "keys/ssh"]);
        let output = add.env("SSH_AUTH_SOCK", &socket).output().unwrap();
        output.status.success()
    });
    assert!(added, "no agent took the key");
    std::fs::remove_file(env.path("keys/ssh")).unwrap();
    configure(&env, "gpg.format", Path::new("ssh"));
    let public = env.read("keys/ssh.pub");
    configure(&env, "user.signingKey", Path::new(public.trim_end()));
    let mut render = env.command(&["render", "stack", "--sign"]);
    env.finish(render.env("SSH_AUTH_SOCK", &socket))
        .expect_exit(0);
    assert!(is_verified(&env));
}

#[test]
fn an_open_pgp_key_signs() {
    if require_tool("gpg").is_none() {
        return;
    }
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let home = env.path("home/.gnupg");
    std::fs::create_dir(&home).unwrap();
    succeed(&mut env.tool("chmod", &["700", "home/.gnupg"]));
    let identity = "Tester <tester@example.net>";
    let arguments = [
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-gen-key",
        identity,
    ];
    succeed(&mut env.tool("gpg", &arguments));
    let run = env.run(&["render", "stack", "--sign"]);
    let is_verified = is_verified(&env);
    succeed(&mut env.tool("gpgconf", &["--kill", "all"]));
    run.expect_exit(0);
    assert!(is_verified);
}

/// A certificate that its owner signed and trusts, as no authority is at hand.
const CERTIFICATE: &str = "\
Key-Type: RSA
Key-Length: 2048
Key-Usage: sign
Name-DN: CN=Tester
Name-Email: tester@example.net
Serial: random
Hash-Algo: SHA256
";

#[test]
fn an_x_509_certificate_signs() {
    if require_tool("gpgsm").is_none() {
        return;
    }
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.write("home/.gnupg/gpgsm.conf", "disable-crl-checks\n");
    env.write("home/.gnupg/gpg-agent.conf", "allow-loopback-pinentry\n");
    succeed(&mut env.tool("chmod", &["700", "home/.gnupg"]));
    env.write("parameters", CERTIFICATE);
    let make = "gpgsm --batch --quiet --pinentry-mode loopback --passphrase-fd 0 \
                --generate-key --output certificate parameters < /dev/null && \
                gpgsm --batch --quiet --import certificate";
    succeed(&mut env.tool("sh", &["-c", make]));
    let list = succeed(&mut env.tool("gpgsm", &["--list-keys", "--with-colons"]));
    let line = list.lines().find(|line| line.starts_with("fpr:"));
    let key = line.and_then(|line| line.split(':').nth(9)).unwrap();
    env.write("home/.gnupg/trustlist.txt", format!("{key} S relax\n"));
    succeed(&mut env.tool("gpgconf", &["--reload", "gpg-agent"]));
    configure(&env, "gpg.format", Path::new("x509"));
    configure(&env, "user.signingKey", Path::new(key));
    let run = env.run(&["render", "stack", "--sign"]);
    let is_verified = is_verified(&env);
    succeed(&mut env.tool("gpgconf", &["--kill", "all"]));
    run.expect_exit(0);
    assert!(is_verified);
}

/// The repository that would have been made is not there.
#[track_caller]
fn assert_nothing_was_committed(env: &TestEnvironment, run: Run) -> String {
    let run = run.expect_exit(3);
    assert!(!env.exists("fleet"));
    run.snapshot()
}

#[test]
fn without_a_key_nothing_is_committed() {
    let Some(env) = with_ssh_key() else {
        return;
    };
    configure(&env, "gpg.format", Path::new("ssh"));
    let run = env.run(&["render", "stack", "--sign"]);
    insta::assert_snapshot!(assert_nothing_was_committed(&env, run));
}

#[test]
fn a_key_file_that_is_not_there_signs_nothing() {
    let Some(env) = with_ssh_key() else {
        return;
    };
    let run = env.run(&["render", "stack", "--sign=keys/other"]);
    insta::assert_snapshot!(assert_nothing_was_committed(&env, run));
}

#[test]
fn a_program_that_is_not_there_signs_nothing() {
    let Some(env) = configured() else {
        return;
    };
    configure(&env, "gpg.ssh.program", Path::new("no-such-program"));
    let run = env.run(&["render", "stack", "--sign"]);
    insta::assert_snapshot!(assert_nothing_was_committed(&env, run));
}

#[test]
fn a_signature_that_fails_pushes_nothing() {
    let Some(env) = with_ssh_key() else {
        return;
    };
    env.git("", &["init", "--quiet", "--bare", "remote.git"]);
    env.git("", &["clone", "--quiet", "remote.git", "fleet"]);
    env.run(&["render", "stack", "--push", "--sign=keys/other"])
        .expect_exit(3);
    assert_eq!(env.git("remote.git", &["for-each-ref"]), "");
}

#[test]
fn where_it_cannot_be_told_whether_commits_are_signed_none_is_made() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    configure(&env, "commit.gpgSign", Path::new("maybe"));
    let run = env.run(&["render", "stack"]).expect_exit(3);
    assert!(run.stderr.contains("commit.gpgSign"), "{}", run.stderr);
    assert!(!env.exists("fleet/.git/refs/heads/main"));
}
