//! Whether the chains of others come after the bouncer's.
//!
//! A drop is final wherever it is, an accept is not: who is banned gets nothing
//! in any order. But what comes first also counts and logs, and two chains of
//! one priority have no stated order at all, so that rate limits and logs would
//! hold one thing today and another after the next restart.

use ztgit_plugin::fact::{NetfilterChain, NetfilterHook, Stated};
use ztgit_plugin::{Diagnostic, Facts};

use crate::bouncer::Generation;
use crate::config::Config;

/// Chains that do not come after the bouncer's, and a priority that the bouncer
/// would not heed.
pub(crate) fn check(config: &Config, facts: &Facts) -> Vec<Diagnostic> {
    let fixed = config
        .bouncer_priority
        .filter(|_| config.bouncer == Generation::Debian12);
    let mut found: Vec<Diagnostic> = fixed.into_iter().map(not_heeded).collect();
    let priority = config.bouncer.priority(config);
    let early = facts.of::<NetfilterChain>().filter(|stated| {
        config.bouncer.hooks().contains(&stated.value.hook)
            && stated.value.priority <= i32::from(priority)
    });
    found.extend(early.map(|stated| too_early(&stated, config.bouncer, priority)));
    found
}

fn not_heeded(priority: i16) -> Diagnostic {
    Diagnostic::error(
        "fixed-priority",
        format!("the bouncer of Debian 12 has its chain at 0, not at {priority}"),
    )
    .at_config(["bouncerPriority"])
    .hint("leave it out")
    .hint("set `bouncer: current`")
}

fn too_early(
    stated: &Stated<'_, NetfilterChain>,
    generation: Generation,
    priority: i16,
) -> Diagnostic {
    let provider = stated.provider;
    let error = Diagnostic::error(
        "chain-before-bouncer",
        format!(
            "the chain of `{provider}` on {} at priority {} does not come after the bouncer's at {priority}",
            hook(stated.value.hook),
            stated.value.priority
        ),
    )
    .at_fact(stated.index)
    .hint(format!(
        "set `priority` of `{provider}` above {priority}, such as {}",
        priority + 10
    ));
    match generation {
        Generation::Debian12 => error.hint(
            "install CrowdSec from its own repository and set `bouncer: current`, whose chains are at -10",
        ),
        Generation::Current => error.hint(format!(
            "set `bouncerPriority` below {}",
            stated.value.priority
        )),
    }
}

fn hook(hook: NetfilterHook) -> &'static str {
    match hook {
        NetfilterHook::Input => "input",
        NetfilterHook::Forward => "forward",
        NetfilterHook::Output => "output",
    }
}
