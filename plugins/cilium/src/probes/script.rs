//! The shell of the probes: what runs in a pod, and what runs the pods.

use serde_json::json;

use super::Probe;
use super::checks::{Check, Outcome};

/// What every pod runs before its checks. Policies take effect a moment after a
/// pod has started, and the enforcing ones may be applied after the probe.
const PREAMBLE: &str = r#"failed=0
expect() {
  outcome=$1 what="$2 $3"
  shift
  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if "$@"; then got=allowed; else got=refused; fi
    if [ "$got" = "$outcome" ]; then
      echo "ok: $what is $got"
      return
    fi
    sleep 5
  done
  echo "FAILED: $what is $got"
  failed=1
}
connect() {
  nc -z -w 3 "${1%:*}" "${1##*:}" 2>/dev/null
}
get() {
  answer=$(wget -T 5 -O /dev/null "http://$1" 2>&1) && return 0
  case $answer in
    *' 403 '*) return 1 ;;
    *'server returned error'*) return 0 ;;
    *) return 1 ;;
  esac
}
"#;

/// The script of one pod; it fails if one of the checks does.
pub(super) fn of_checks(checks: &[Check]) -> String {
    let lines = checks.iter().map(|check| {
        let outcome = match check.outcome {
            Outcome::Allowed => "allowed",
            Outcome::Refused => "refused",
        };
        let Check { host, port, .. } = check;
        match &check.path {
            None => format!(
                "expect {outcome} connect {}\n",
                quoted(&format!("{host}:{port}"))
            ),
            Some(path) => {
                let url = quoted(&format!("{host}:{port}{path}"));
                format!("expect {outcome} get {url}\n")
            }
        }
    });
    let lines: String = lines.collect();
    format!("{PREAMBLE}{lines}exit \"$failed\"\n")
}

const HEADER: &str = r#"#!/bin/sh
# Tries in the cluster what the flows allow, and some of what they do not.
# Runs each probe as a Job of its own, shows what it says, and deletes it.
# Needs kubectl with the right to make Jobs in these namespaces.
set -u
failed=0
probe() {
  job=$(kubectl --namespace "$1" create --filename - --output name) || { failed=1; return; }
  until [ -n "$(kubectl --namespace "$1" get "$job" --output 'jsonpath={.status.succeeded}{.status.failed}')" ]; do
    sleep 2
  done
  echo "== $1/$2"
  kubectl --namespace "$1" logs "$job"
  [ "$(kubectl --namespace "$1" get "$job" --output 'jsonpath={.status.succeeded}')" = 1 ] || failed=1
  kubectl --namespace "$1" delete "$job" --wait=false >/dev/null
}
"#;

/// The script that runs all probes once more, for people.
pub(super) fn for_people(probes: &[Probe<'_>], untried: &[String]) -> String {
    let jobs: String = probes
        .iter()
        .map(|probe| {
            let Probe {
                namespace,
                workload,
                spec,
            } = probe;
            let stem: String = workload.chars().take(40).collect();
            let job = json!({
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"generateName": format!("zt-probe-{stem}-"), "namespace": namespace},
                "spec": spec,
            });
            format!("probe {namespace} {workload} <<'JOB'\n{job}\nJOB\n")
        })
        .collect();
    let untried: String = untried
        .iter()
        .map(|title| format!("# not tried: {title}\n"))
        .collect();
    format!("{HEADER}{jobs}{untried}exit \"$failed\"\n")
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
