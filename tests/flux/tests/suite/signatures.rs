//! Signed commits, where Flux verifies the tip.

use std::time::Duration;

use ztgit_flux_tests::{SigningKey, Stack, Verification, World, ensure, say, stays, wait_for};

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn only_a_tip_with_a_trusted_signature_is_applied() {
    let world = World::start(&Stack::shop(), "east", &[]);
    let (trusted, stranger) = (SigningKey::generate(), SigningKey::generate());
    world.user().render_here(&[]);
    let signed = world.announce(world.user().push_signed(&trusted));
    world.bootstrap(Verification::SignedBy(&trusted.public()));
    world.settle("a signed commit", &signed);

    world.user().edit_stack("stack.yaml", "5432", "5433");
    let unsigned = world.render(&[]);
    is_refused(&world, &unsigned.commit, &signed.commit);

    world.user().edit_stack("stack.yaml", "5433", "5434");
    world.user().render_here(&[]);
    let foreign = world.announce(world.user().push_signed(&stranger));
    is_refused(&world, &foreign.commit, &signed.commit);

    world.user().edit_stack("stack.yaml", "5434", "5435");
    world.user().render_here(&[]);
    let repaired = world.announce(world.user().push_signed(&trusted));
    world.settle("a signed commit after refused ones", &repaired);
}

/// Flux says so and stays with the last commit that it could verify.
fn is_refused(world: &World, commit: &str, verified: &str) {
    wait_for("the refusal", || {
        let source = world.flux().source();
        let is_refused = source.status == "False"
            && source.reason == "InvalidCommitSignature"
            && source.message.contains(commit);
        ensure(is_refused, || format!("{source:?}"))
    });
    say(&format!("{commit}: {}", world.flux().source().message));
    stays("the verified commit", Duration::from_secs(5), || {
        ensure(world.flux().has_fetched(verified), || commit.to_owned())
    });
}
