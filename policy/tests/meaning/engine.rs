//! Validation and interpreter against Cilium's own engine: on upstream's examples and
//! on random policies and worlds, of which `ZTGIT_ENGINE_CASES` says the number.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};
use ztgit_cilium_engine::{Engine, examples};
use ztgit_policy::model::{Direction, Policy};
use ztgit_policy::reach::{ConflictKind, Decision, Judge, Question, Reason, Side, World};
use ztgit_policy::{Agent, CiliumVersion, validate};

use crate::generate::{Care, pairs, policies, policy, questions, world};

const DEFAULT_CASES: u32 = 300;

/// Where the two differ on purpose, and why.
struct Difference {
    reason: &'static str,
    applies: fn(ours: &Side) -> bool,
}

const DIFFERENCES: [Difference; 1] = [Difference {
    reason: "names of TLS servers beside rules about requests: whether the engine gives up \
             depends on which of the two it merges first",
    applies: |ours| ours.reasons.iter().any(is_about_server_names),
}];

fn is_about_server_names(reason: &Reason) -> bool {
    matches!(reason, Reason::Conflict(conflict) if conflict.kind == ConflictKind::ServerNames)
}

/// What the questions have to meet, a fair number of times: a proxy and its decision.
const TO_BE_SEEN: [(&str, Decision); 9] = [
    ("", Decision::Allowed),
    ("", Decision::Denied),
    ("", Decision::Undecided),
    ("http", Decision::Allowed),
    ("http", Decision::RequestDenied),
    ("dns", Decision::Allowed),
    ("dns", Decision::RequestDenied),
    ("tls", Decision::Allowed),
    ("tls", Decision::RequestDenied),
];

#[test]
#[ignore = "builds Cilium's policy engine, which takes minutes the first time"]
fn the_agent_refuses_exactly_what_is_a_violation() {
    let Some(mut engine) = Engine::start() else {
        return;
    };
    let mut random = Random::new(1);
    let mut refused = 0;
    for _ in 0..cases() * 20 {
        refused += usize::from(!agree(&mut engine, &random.next(&policy(Care::Careless))));
    }
    assert!(
        refused > cases() as usize,
        "enough is refused to tell: {refused}"
    );
}

#[test]
#[ignore = "builds Cilium's policy engine, which takes minutes the first time"]
fn the_examples_of_cilium_are_judged_as_by_the_agent() {
    let Some(mut engine) = Engine::start() else {
        return;
    };
    let examples: Vec<_> = examples()
        .into_iter()
        .filter(|object| Policy::read(object).is_some())
        .collect();
    assert!(examples.len() > 50, "the folder has that many");
    for object in &examples {
        agree(&mut engine, object);
    }
}

#[test]
#[ignore = "builds Cilium's policy engine, which takes minutes the first time"]
fn the_same_texts_are_regular_expressions_to_the_agent() {
    let Some(mut engine) = Engine::start() else {
        return;
    };
    let mut random = Random::new(3);
    let mut taken = 0;
    for _ in 0..cases() * 20 {
        let path =
            random.next(&r"/?([a-c1,.*+?{}\[\]()|\\^$&~:<>-]|\\[dDwWsSbBAzQEpx]|[{]1,2[}]){1,8}");
        let http = json!({"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": path}]}});
        let policy = json!({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNetworkPolicy",
            "metadata": {"name": "p", "namespace": "a"},
            "spec": {"endpointSelector": {}, "ingress": [{"toPorts": [http]}]},
        });
        taken += usize::from(agree(&mut engine, &policy));
    }
    assert!(taken > cases() as usize, "enough is taken to tell: {taken}");
}

/// Both take a policy, or both refuse it; whether it is taken.
fn agree(engine: &mut Engine, object: &Value) -> bool {
    let answer = engine.ask(std::slice::from_ref(object), &World::default(), &[]);
    let judged = &answer.policies[0];
    let violations = validate(&read(object), &agent());
    let refused = violations.iter().any(|one| one.consequence.is_refusal());
    assert_eq!(
        judged.accepted, !refused,
        "the engine says {:?}, we say {violations:#?}, of {object}",
        judged.message
    );
    judged.accepted
}

#[test]
#[ignore = "builds Cilium's policy engine, which takes minutes the first time"]
fn the_interpreter_agrees_with_the_engine() {
    let Some(mut engine) = Engine::start() else {
        return;
    };
    let mut random = Random::new(2);
    let mut seen = BTreeMap::new();
    for _ in 0..cases() {
        let objects = random.next(&policies(Care::Careless, 8));
        let world = random.next(&world());
        let pairs = random.next(&pairs(40));
        compare(
            &mut engine,
            &objects,
            &world,
            &questions(&world, &pairs),
            &mut seen,
        );
    }
    for difference in &DIFFERENCES {
        println!("not compared: {}", difference.reason);
    }
    println!("{seen:?}");
    // A comparison of nothing but drops would agree, too.
    for (parser, decision) in TO_BE_SEEN {
        let times = seen
            .get(&(parser.to_owned(), decision))
            .copied()
            .unwrap_or(0);
        assert!(
            times >= cases() as usize / 10,
            "{parser} {decision:?}: {times}"
        );
    }
}

/// How often a proxy and a decision were met.
type Seen = BTreeMap<(String, Decision), usize>;

fn compare(
    engine: &mut Engine,
    objects: &[Value],
    world: &World,
    questions: &[Question<'_>],
    seen: &mut Seen,
) {
    let answer = engine.ask(objects, world, questions);
    let policies: Vec<_> = objects.iter().map(read).collect();
    let agent = agent();
    let judge = Judge::new(world, &policies, &agent);
    for (question, engine) in questions.iter().zip(&answer.verdicts) {
        let verdict = judge.ask(question).expect("everybody is in the world");
        for direction in Direction::BOTH {
            let (ours, theirs) = (verdict.side(direction), engine.side(direction));
            *seen
                .entry((theirs.parser.clone(), ours.decision))
                .or_default() += 1;
            let mut expected = DIFFERENCES.iter().filter(|one| (one.applies)(ours));
            assert!(
                theirs.decision.agrees(ours.decision) || expected.next().is_some(),
                "{direction:?} of {question:?}\nours {ours:#?}\ntheirs {theirs:#?}\nends {:#?}\n{}",
                [question.from, question.to].map(|name| &world.endpoints[name]),
                objects
                    .iter()
                    .map(|object| format!("\n{object}"))
                    .collect::<String>(),
            );
        }
    }
}

fn read(object: &Value) -> Policy {
    Policy::read(object).expect("a policy")
}

fn agent() -> Agent {
    Agent::new(CiliumVersion::new(1, 20))
}

/// Values of strategies, the same in every run.
struct Random(TestRunner);

impl Random {
    fn new(seed: u64) -> Self {
        Self(TestRunner::new(Config {
            rng_seed: RngSeed::Fixed(seed),
            failure_persistence: None,
            ..Config::default()
        }))
    }

    fn next<T: std::fmt::Debug>(&mut self, strategy: &impl Strategy<Value = T>) -> T {
        let tree = strategy.new_tree(&mut self.0).expect("nothing is rejected");
        tree.current()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is for the caller to say"
)]
fn cases() -> u32 {
    let written = std::env::var("ZTGIT_ENGINE_CASES").ok();
    written.map_or(DEFAULT_CASES, |text| {
        text.parse().expect("ZTGIT_ENGINE_CASES is a number")
    })
}
