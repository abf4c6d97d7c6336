//! Everything of the rendering that is policy.
//!
//! In go the cluster, its flows and other plugins'; out come the objects that
//! allow, those that deny, what guards them, and the probes that try them.

use ztgit_plugin::{Artifact, Facts, Rendering};

use crate::baseline::Gateway;
use crate::config::Backend;
use crate::context::Context;
use crate::flows::Wanted;
use crate::{admission, baseline, enforce, flow_policies, flows, network_policy, overlap, probes};

/// All policies of a cluster.
pub(crate) fn render(context: &Context<'_>, facts: &Facts) -> Rendering {
    let mut rendering = Rendering::default();
    let (wanted, diagnostics) = flows::collect(context.cluster, facts);
    rendering.diagnostics.extend(diagnostics);
    let (wanted, diagnostics) = overlap::settle(context, wanted);
    rendering.diagnostics.extend(diagnostics);
    let policies = match context.config.policy {
        Backend::Cilium => cilium(context, &wanted),
        Backend::Networkpolicy => network_policy::render(context, &wanted),
    };
    let guards = admission::manifests(context.cluster, &context.config.admission);
    let probes = probes::render(context, &wanted);
    for part in [policies, probes] {
        rendering.artifacts.extend(part.artifacts);
        rendering.diagnostics.extend(part.diagnostics);
    }
    rendering
        .artifacts
        .extend(guards.into_iter().map(Artifact::from));
    rendering
}

fn cilium(context: &Context<'_>, wanted: &[Wanted]) -> Rendering {
    let mut rendering = Rendering::default();
    let gateway = Gateway::of(context, flows::use_gateway(wanted));
    let (mut manifests, diagnostics) = baseline::manifests(context, gateway);
    rendering.diagnostics.extend(diagnostics);
    for flow in wanted {
        match flow_policies::manifests(context, flow) {
            Ok(halves) => manifests.extend(halves),
            Err(problems) => rendering.diagnostics.extend(problems),
        }
        rendering
            .diagnostics
            .extend(flow_policies::remarks(context, flow));
    }
    let (denying, diagnostics) = enforce::manifests(context.cluster, context.config);
    manifests.extend(denying);
    rendering.diagnostics.extend(diagnostics);
    rendering
        .artifacts
        .extend(manifests.into_iter().map(Artifact::from));
    rendering
}
