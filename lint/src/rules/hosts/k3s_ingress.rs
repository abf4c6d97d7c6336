//! k3s brings its own way in from outside.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::NodeRole;

use crate::finding::Found;
use crate::host::k3s::configurations;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "k3s-ingress",
    severity: Severity::Warning,
    text: include_str!("k3s_ingress.md"),
    find,
};

const COMPONENTS: [&str; 2] = ["servicelb", "traefik"];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for configuration in configurations(subject) {
        let node = subject.cluster.nodes.get(configuration.node);
        if node.is_some_and(|node| node.role == NodeRole::Agent) {
            // Agents deploy nothing.
            continue;
        }
        let left = COMPONENTS
            .into_iter()
            .filter(|name| !configuration.has("disable", name));
        found.extend(left.map(|name| {
            let file = configuration.file;
            file.finding(
                file.line_of("disable"),
                format!("k3s deploys `{name}`, which takes ports 80 and 443 of every node"),
                format!("add `{name}` to `disable`, on every server alike"),
            )
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::Lint;

    const PATH: &str = "/etc/rancher/k3s/config.yaml.d/50-ztgit.yaml";

    fn with(text: &str) -> Lint {
        Lint::homelab().file("pi-1", PATH, text)
    }

    #[test]
    fn what_is_left_enabled_is_found() {
        with("disable: [traefik]\n").finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn with_both_disabled_it_is_fine() {
        with("disable+:\n  - traefik\n  - servicelb\n").passes(super::RULE);
        with("disable: traefik,servicelb\n").passes(super::RULE);
    }

    #[test]
    fn an_agent_deploys_nothing() {
        let agent = serde_json::json!({"nodes": {"pi-1": {"role": "agent"}}});
        with("node-name: pi-1\n")
            .cluster(&agent)
            .passes(super::RULE);
    }
}
