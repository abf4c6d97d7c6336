//! Signed commits, where Flux verifies the tip.

use std::time::Duration;

use ztgit_flux_tests::{
    Pushed, SigningKey, Stack, Verification, World, ensure, say, stays, wait_for,
};

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn only_a_tip_with_a_trusted_signature_is_applied() {
    let world = World::start(&Stack::shop(), "east", &[]);
    let (trusted, stranger) = (SigningKey::generate(), SigningKey::generate());
    let signed = world.render(&[&by(&trusted)]);
    world.bootstrap(Verification::SignedBy(&trusted.public()));
    world.settle("a signed commit", &signed);

    world.user().edit_stack("stack.yaml", "5432", "5433");
    let unsigned = world.render(&[]);
    is_refused(&world, &unsigned, &signed);

    world.user().edit_stack("stack.yaml", "5433", "5434");
    let foreign = world.render(&[&by(&stranger)]);
    is_refused(&world, &foreign, &signed);

    world.user().edit_stack("stack.yaml", "5434", "5435");
    let repaired = world.render(&[&by(&trusted)]);
    world.settle("a signed commit after refused ones", &repaired);
}

/// The keys that a stack names, both kinds of them, and git's own configuration.
#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn those_whom_the_stack_names_are_trusted_however_they_sign() {
    let world = World::start(&Stack::shop(), "east", &[]);
    let user = world.user();
    let ssh = SigningKey::generate();
    let pgp = user.make_pgp_key().replace('\n', "\\n");
    let source = format!(
        "{}\", verify: {{keys: {{ci: \"{}\", tester: \"{pgp}\"}}}}",
        world.url(),
        ssh.public().trim_end()
    );
    user.edit_stack("stack.yaml", "https://git.example.net/fleet.git\"", &source);
    let pushed = world.render(&["--sign"]);
    world.bootstrap_as_printed();
    world.settle("a commit signed with gpg", &pushed);

    user.edit_stack("stack.yaml", "5432", "5433");
    let unsigned = world.render(&[]);
    is_refused(&world, &unsigned, &pushed);

    user.configure_git("gpg.format", "ssh");
    user.configure_git("user.signingKey", &ssh.private().display().to_string());
    user.edit_stack("stack.yaml", "5433", "5434");
    let pushed = world.render(&["--sign"]);
    world.settle("a commit signed with ssh", &pushed);
    user.forget_pgp_key();
}

fn by(key: &SigningKey) -> String {
    format!("--sign={}", key.private().display())
}

/// Flux says so and stays with the last commit that it could verify.
fn is_refused(world: &World, pushed: &Pushed, verified: &Pushed) {
    let commit = &pushed.commit;
    wait_for("the refusal", || {
        let source = world.flux().source();
        let is_refused = source.status == "False"
            && source.reason == "InvalidCommitSignature"
            && source.message.contains(commit);
        ensure(is_refused, || format!("{source:?}"))
    });
    say(&format!("{commit}: {}", world.flux().source().message));
    stays("the verified commit", Duration::from_secs(5), || {
        ensure(world.flux().has_fetched(&verified.revision), || {
            commit.clone()
        })
    });
}
