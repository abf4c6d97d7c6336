//! Random stacks.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::stack::{Flow, Mode, PORTS, Stack, Way, Workload};

/// Up to three namespaces of up to three workloads, and up to eight flows.
pub(crate) fn stack() -> impl Strategy<Value = Stack> {
    let mode =
        prop_oneof![1 => Just(Mode::Observe), 1 => Just(Mode::Audit), 3 => Just(Mode::Enforce)];
    let namespaces = prop::collection::vec((mode, 1..=3_usize), 1..=3);
    let flow = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        kind(),
    );
    (namespaces, prop::collection::vec(flow, 0..=8)).prop_map(|(namespaces, wanted)| {
        let mut stack = Stack {
            namespaces,
            flows: Vec::new(),
        };
        let workloads: Vec<Workload> = stack.workloads().collect();
        let mut pairs = BTreeSet::new();
        for (from, to, kind) in wanted {
            let (from, to) = (*from.get(&workloads), *to.get(&workloads));
            let flow = match kind {
                Kind::Between(way) if from != to && pairs.insert((from, to)) => {
                    Flow::Between(from, to, way)
                }
                Kind::Between(_) => continue,
                Kind::ToRange => Flow::ToRange(from),
                Kind::ToApiServer => Flow::ToApiServer(from),
                Kind::FromWorld => Flow::FromWorld(to),
            };
            if !stack.flows.contains(&flow) {
                stack.flows.push(flow);
            }
        }
        stack
    })
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Between(Way),
    ToRange,
    ToApiServer,
    FromWorld,
}

fn kind() -> impl Strategy<Value = Kind> {
    let port = prop::sample::select(PORTS.to_vec());
    prop_oneof![
        3 => port.clone().prop_map(|port| Kind::Between(Way::Port(port))),
        1 => Just(Kind::Between(Way::Everything)),
        2 => Just(Kind::Between(Way::Request)),
        1 => port.prop_map(|port| Kind::Between(Way::Denied(port))),
        1 => Just(Kind::ToRange),
        1 => Just(Kind::ToApiServer),
        1 => Just(Kind::FromWorld),
    ]
}

/// Random stacks one by one.
pub(crate) struct Random(TestRunner);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(TestRunner::new(Config {
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        }))
    }

    pub(crate) fn next(&mut self) -> Stack {
        let tree = stack().new_tree(&mut self.0).expect("nothing is rejected");
        tree.current()
    }
}
