//! Who reaches whom under what a stack becomes: exactly the declared flows and a
//! table of baselines, on random stacks.
//!
//! The fast test asks the reference interpreter; the slow one asks Cilium's own
//! engine as well, and demands that both agree on every question.

mod engine;
mod expected;
mod random;
mod stack;

use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;
use ztgit_plugin::testing::Harness;
use ztgit_plugin_cilium::Cilium;
use ztgit_policy::reach::Judge;
use ztgit_policy::validate::validate;
use ztgit_policy::{Agent, CiliumVersion, Policy};

use stack::Stack;

/// The policies that a stack becomes. None is refused, by the plugin or by agents.
fn policies(stack: &Stack) -> Vec<Value> {
    let rendered = Harness::<Cilium>::homelab()
        .patch_cluster(&stack.cluster())
        .render();
    let errors = &rendered.errors();
    assert!(errors.is_empty(), "{:#?}", rendered.0.diagnostics);
    let objects = rendered
        .manifests()
        .map(|one| one.object.clone().into_value());
    objects
        .filter(|object| Policy::read(object).is_some())
        .collect()
}

fn read(objects: &[Value]) -> Vec<Policy> {
    objects.iter().filter_map(Policy::read).collect()
}

fn agent() -> Agent {
    Agent::new(CiliumVersion::new(1, 20))
}

#[test]
fn what_is_allowed_is_the_flows_and_the_baselines() {
    let config = Config {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&random::stack(), |stack| {
        let read = read(&policies(&stack));
        for policy in &read {
            let violations = validate(policy, &agent());
            assert!(violations.is_empty(), "{}: {violations:#?}", policy.name);
        }
        let world = stack.world();
        let judge = Judge::new(&world, &read, &agent());

        for asked in expected::questions(&stack) {
            let question = asked.question();
            let verdict = judge.ask(&question).expect("both ends are in the world");
            assert_eq!(
                verdict.is_allowed(),
                expected::is_allowed(&stack, &asked),
                "{asked:?}: {verdict:#?}"
            );
        }
        Ok(())
    });
    if let Err(failure) = run {
        panic!("{failure}");
    }
}

#[test]
fn random_stacks_allow_and_refuse_enough_to_tell() {
    let (mut allowed, mut refused) = (0, 0);
    let mut random = random::Random::new(3);
    for _ in 0..50 {
        let stack = random.next();
        for asked in expected::questions(&stack) {
            if expected::is_allowed(&stack, &asked) {
                allowed += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(
        allowed > 500 && refused > 500,
        "{allowed} allowed, {refused} refused"
    );
}
