//! What has to be on the disk before something else may be: a power cut can take back
//! whatever was not synchronised, in any order.

use ztgit_test_support::require_tool;

use super::scene::Scene;
use super::strace::Call;

/// A call by the beginning of its name, and by a part of its arguments.
type Step = (&'static str, &'static str);

/// Contents, their names, the branch: each is on the disk before what leads to it.
const ORDERS: [&[Step]; 4] = [
    &[
        ("fsync", "/objects/pack/tmp_pack_ztgit_"),
        ("rename", ".pack\")"),
        ("rename", ".idx\")"),
        ("fsync", "/objects/pack>"),
        ("rename", "/.git/refs/heads/main\")"),
        ("fsync", "/.git/refs/heads>"),
    ],
    &[
        ("fsync", "/objects/pack/tmp_idx_ztgit_"),
        ("rename", ".idx\")"),
    ],
    &[
        ("fsync", "/.git/ztgit-journal>"),
        ("fsync", "<fleet/.git>"),
        ("openat", "/.git/refs/heads/main.lock"),
    ],
    &[
        ("fsync", "/.git/refs/heads/main.lock>"),
        ("rename", "/.git/refs/heads/main\")"),
    ],
];
/// What is synchronised once, when all of it is there.
const WRITTEN: [&str; 4] = [
    "/objects/pack/tmp_pack_ztgit_",
    "/objects/pack/tmp_idx_ztgit_",
    "/.git/ztgit-journal>",
    "/.git/refs/heads/main.lock>",
];

/// Where the calls like that one are.
fn positions(calls: &[Call], (name, part): Step) -> Vec<usize> {
    let is_like = |call: &Call| call.name.starts_with(name) && call.arguments.contains(part);
    let all = calls.iter().enumerate();
    all.filter(|(_, call)| is_like(call))
        .map(|(position, _)| position)
        .collect()
}

/// The only one.
fn position(calls: &[Call], step: Step) -> usize {
    let found = positions(calls, step);
    assert_eq!(found.len(), 1, "{step:?}");
    found[0]
}

#[test]
fn a_branch_moves_once_all_that_it_leads_to_is_on_the_disk() {
    if require_tool("strace").is_none() {
        return;
    }
    let calls = Scene::change().calls();
    for order in ORDERS {
        for two in order.windows(2) {
            let [first, second] = [two[0], two[1]].map(|step| position(&calls, step));
            assert!(first < second, "{two:?}");
        }
    }
    for file in WRITTEN {
        let last = positions(&calls, ("write", file)).into_iter().max();
        assert!(last < Some(position(&calls, ("fsync", file))), "{file}");
        assert!(last.is_some(), "{file}");
    }
}
