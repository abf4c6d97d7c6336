//! What is observed, and where it can be seen.

use serde_json::{Value, json};
use ztgit_plugin::Diagnostic;

use crate::config::Hubble;

/// Where agents write flows, on every node.
const EXPORT: &str = "/var/run/cilium/hubble/events.log";

pub(super) fn values(hubble: &Hubble, diagnostics: &mut Vec<Diagnostic>) -> Value {
    if hubble.ui && !hubble.relay {
        diagnostics.push(
            Diagnostic::error(
                "ui-without-relay",
                "the web interface shows what the relay collects",
            )
            .at_config(["hubble", "ui"])
            .hint("set `relay: true` beside it"),
        );
    }
    let mut values = json!({
        "enabled": true,
        "relay": {"enabled": hubble.relay},
        "ui": {"enabled": hubble.ui},
        // Certificates made by the chart would be new at every render of it;
        // a job in the cluster makes them once.
        "tls": {"auto": {"method": "cronJob"}},
    });
    if !hubble.metrics.is_empty() {
        values["metrics"] = json!({"enabled": hubble.metrics});
    }
    if hubble.export {
        values["export"] = json!({"static": {"enabled": true, "filePath": EXPORT}});
    }
    json!({ "hubble": values })
}
