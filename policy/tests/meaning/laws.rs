//! What holds for all policies.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use ztgit_policy::model::Policy;
use ztgit_policy::reach::{Decision, Judge, Question, Verdict, World};
use ztgit_policy::{Agent, CiliumVersion};

use crate::generate::{Care, entry, pairs, policies, questions, selector, world};

fn read(objects: &[Value]) -> Vec<Policy> {
    let policies = objects
        .iter()
        .map(|object| Policy::read(object).expect("a policy"));
    policies.collect()
}

fn judge(world: &World, policies: &[Policy], questions: &[Question<'_>]) -> Vec<Verdict> {
    let judge = Judge::new(world, policies, &Agent::new(CiliumVersion::new(1, 20)));
    let verdicts = questions.iter().map(|question| judge.ask(question));
    verdicts
        .collect::<Option<_>>()
        .expect("everybody is in the world")
}

/// A clusterwide policy with one rule in one section that isolates nobody.
fn addition(section: &'static str, prefix: &'static str) -> impl Strategy<Value = Value> {
    let entry = entry(Care::Valid, section, prefix);
    (selector(Care::Valid), entry).prop_map(move |(subject, mut entry)| {
        // Rules about requests turn what passes into what a proxy judges.
        for ports in entry["toPorts"].as_array_mut().into_iter().flatten() {
            ports.as_object_mut().expect("an object").remove("rules");
            ports
                .as_object_mut()
                .expect("an object")
                .remove("serverNames");
        }
        json!({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumClusterwideNetworkPolicy",
            "metadata": {"name": "added"},
            "spec": {
                "endpointSelector": subject,
                "enableDefaultDeny": {"ingress": false, "egress": false},
                section: [entry],
            },
        })
    })
}

/// A question's answer without a policy and with it.
struct Change<'a> {
    question: Question<'a>,
    before: Verdict,
    after: Verdict,
}

fn changes<'a>(
    world: &'a World,
    pairs: &[(Index, Index)],
    objects: &[Value],
    added: Value,
) -> Vec<Change<'a>> {
    let questions = questions(world, pairs);
    let mut policies = read(objects);
    let before = judge(world, &policies, &questions);
    policies.extend(read(&[added]));
    let after = judge(world, &policies, &questions);
    let changes = questions.into_iter().zip(before).zip(after);
    changes
        .map(|((question, before), after)| Change {
            question,
            before,
            after,
        })
        .collect()
}

fn is_undecided(verdict: &Verdict) -> bool {
    let sides = [&verdict.ingress, &verdict.egress];
    sides
        .into_iter()
        .any(|side| side.decision == Decision::Undecided)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn the_order_of_policies_does_not_matter(
        objects in policies(Care::Careless, 6), world in world(), pairs in pairs(10),
    ) {
        let questions = questions(&world, &pairs);
        let mut policies = read(&objects);
        let forwards = judge(&world, &policies, &questions);
        policies.reverse();
        prop_assert_eq!(forwards, judge(&world, &policies, &questions));
    }

    #[test]
    fn allowing_more_removes_nothing_as_long_as_it_isolates_nobody(
        objects in policies(Care::Valid, 5),
        added in prop_oneof![addition("ingress", "from"), addition("egress", "to")],
        world in world(), pairs in pairs(10),
    ) {
        for Change { question, before, after } in changes(&world, &pairs, &objects, added) {
            prop_assert!(!before.is_allowed() || after.is_allowed(), "{question:?}: {after:#?}");
        }
    }

    #[test]
    fn denying_more_adds_nothing(
        objects in policies(Care::Valid, 5),
        added in prop_oneof![addition("ingressDeny", "from"), addition("egressDeny", "to")],
        world in world(), pairs in pairs(10),
    ) {
        for Change { question, before, after } in changes(&world, &pairs, &objects, added) {
            // What could not be merged can be, once it is denied.
            let was_known = !is_undecided(&before);
            prop_assert!(!was_known || before.is_allowed() || !after.is_allowed(), "{question:?}");
        }
    }

    #[test]
    fn a_policy_that_the_agent_refuses_has_no_effect(
        objects in policies(Care::Careless, 5), world in world(), pairs in pairs(10),
    ) {
        let questions = questions(&world, &pairs);
        let policies = read(&objects);
        let judge_all = Judge::new(&world, &policies, &Agent::new(CiliumVersion::new(1, 20)));
        let refused: Vec<usize> = judge_all.refused().iter().map(|one| one.index).collect();
        let taken = policies.iter().enumerate().filter(|(index, _)| !refused.contains(index));
        let taken: Vec<_> = taken.map(|(_, policy)| policy.clone()).collect();
        prop_assert_eq!(
            judge(&world, &policies, &questions),
            judge(&world, &taken, &questions)
        );
    }
}
