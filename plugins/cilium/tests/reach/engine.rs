//! The same questions to Cilium's own engine.

use ztgit_cilium_engine::Engine;
use ztgit_policy::model::Direction;
use ztgit_policy::reach::{Judge, Question};

use crate::random::Random;
use crate::{agent, expected, policies, read};

const STACKS: usize = 1000;

#[test]
#[ignore = "builds Cilium's policy engine, which takes minutes the first time"]
fn the_engine_agrees_on_a_thousand_random_stacks() {
    let Some(mut engine) = Engine::start() else {
        return;
    };
    let mut random = Random::new(2);
    let mut answered = 0;
    for _ in 0..STACKS {
        let stack = random.next();
        let (objects, world) = (policies(&stack), stack.world());
        let asked = expected::questions(&stack);
        let questions: Vec<Question<'_>> = asked.iter().map(expected::Asked::question).collect();
        let answer = engine.ask(&objects, &world, &questions);
        for (judgement, object) in answer.policies.iter().zip(&objects) {
            assert!(judgement.accepted, "{}: {object}", judgement.message);
        }
        let read = read(&objects);
        let judge = Judge::new(&world, &read, &agent());

        for ((asked, question), said) in asked.iter().zip(&questions).zip(&answer.verdicts) {
            let ours = judge.ask(question).expect("both ends are in the world");
            for direction in Direction::BOTH {
                let (engine, ours) = (said.side(direction), ours.side(direction));
                assert!(
                    engine.decision.agrees(ours.decision),
                    "{asked:?}: the engine says {engine:?}, we say {ours:?}"
                );
            }
            assert_eq!(
                ours.is_allowed(),
                expected::is_allowed(&stack, asked),
                "{asked:?}"
            );
            answered += 1;
        }
    }
    println!("{STACKS} stacks, {answered} questions, and no difference");
}
