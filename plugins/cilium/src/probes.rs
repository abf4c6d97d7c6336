//! Probes: in the cluster, from where the flows start, what they allow is tried,
//! and some of what they do not.
//!
//! In go the flows and the Services that the stack knows; out come one Job for
//! each workload that has something to try, and a script that runs the same
//! Jobs once more. A probe's pod carries the labels and the service account of
//! its workload, so that the same policies hold for it. It is never ready, and
//! so no Service that selects it sends it anything, unless that publishes
//! addresses of pods that are not.
//!
//! A Job cannot be changed: its name has a digest of what it holds, so that
//! another probe is another Job and an equal one is not run again.

mod checks;
mod script;

use serde_json::{Value, json};
use ztgit_plugin::cluster::{Mode, Workload};
use ztgit_plugin::{Artifact, Diagnostic, File, Health, Manifest, Object, Phase, Rendering};

use crate::config::Probes;
use crate::context::Context;
use crate::flows::Wanted;
use crate::policy::name;
use checks::Plan;

/// Whose directory has the script.
const CLIENT: &str = "probes";

/// The script, as grants name it.
pub(crate) const SCRIPT: &str = "clients/probes/probe.sh";

/// How long the checks of one workload may take.
const TIMEOUT_SECONDS: u32 = 900;

/// A Job for a workload, without the name that it is applied under.
struct Probe<'a> {
    namespace: &'a str,
    workload: &'a str,
    spec: Value,
}

/// Jobs and script, where the config asks for them.
pub(crate) fn render(context: &Context<'_>, wanted: &[Wanted]) -> Rendering {
    let mut rendering = Rendering::default();
    let Some(config) = &context.config.probes else {
        return rendering;
    };
    let mut probes = Vec::new();
    let mut untried = Vec::new();
    for (namespace, declared) in &context.cluster.namespaces {
        for (name, workload) in &declared.workloads {
            if declared.mode < Mode::Audit {
                continue;
            }
            let plan = Plan::of(context, wanted, namespace, name);
            untried.extend(plan.untried);
            if !plan.checks.is_empty() {
                let script = script::of_checks(&plan.checks);
                let spec = job(config, workload, &script);
                probes.push(Probe {
                    namespace,
                    workload: name,
                    spec,
                });
            }
        }
    }
    if probes.is_empty() {
        rendering.report(nothing_to_try());
        return rendering;
    }
    for probe in &probes {
        rendering.push(probe.manifest());
    }
    let script = script::for_people(&probes, &untried);
    rendering.push(Artifact::from(
        File::for_client(CLIENT, "probe.sh", script).mode(0o700),
    ));
    rendering
}

impl Probe<'_> {
    fn manifest(&self) -> Manifest {
        let digest = name::digest(&[&self.spec.to_string()]);
        let stem: String = self.workload.chars().take(40).collect();
        let name = format!("zt-probe-{}-{}", stem.trim_end_matches('-'), &digest[..8]);
        let object =
            Object::namespaced("batch/v1", "Job", self.namespace, &name).spec(self.spec.clone());
        let mut health = Health::condition("Complete", TIMEOUT_SECONDS);
        health.failed = Some(
            "has(status.conditions) && status.conditions.exists(e, e.type == 'Failed' && e.status == 'True')"
                .to_owned(),
        );
        Manifest::new(Phase::Apps, object).health(health)
    }
}

fn nothing_to_try() -> Diagnostic {
    Diagnostic::warning(
        "no-probes",
        "there is nothing to probe: no flow leads to a workload with a Service that the stack knows",
    )
    .at_config(["probes"])
    .hint("declare `services` beside the `workloads` of a namespace")
}

fn job(config: &Probes, workload: &Workload, script: &str) -> Value {
    let mut pod = json!({
        "restartPolicy": "Never",
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container(config, script)],
    });
    if let Some(account) = &workload.service_account {
        pod["serviceAccountName"] = account.as_str().into();
    }
    json!({
        "backoffLimit": 0,
        "activeDeadlineSeconds": TIMEOUT_SECONDS,
        "template": {
            "metadata": {"labels": workload.labels},
            "spec": pod,
        },
    })
}

fn container(config: &Probes, script: &str) -> Value {
    json!({
        "name": "probe",
        "image": config.image,
        "command": ["/bin/sh", "-c", script],
        // Never ready: the pod gets no traffic meant for the workload.
        "readinessProbe": {"exec": {"command": ["/bin/false"]}, "periodSeconds": 60},
        "resources": {
            "requests": {"cpu": "5m", "memory": "8Mi"},
            "limits": {"memory": "32Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
        },
    })
}
