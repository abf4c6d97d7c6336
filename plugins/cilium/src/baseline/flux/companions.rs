//! Registries that keep their blobs, or hand out their tokens, elsewhere.

use crate::policy::dns::ExternalName;

/// A registry, and the hosts that a client is sent on to.
///
/// From what the registries document for firewalls:
/// <https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry>,
/// <https://docs.docker.com/desktop/setup/allow-list/>,
/// <https://access.redhat.com/articles/4107241>.
const COMPANIONS: [(&str, &[&str]); 4] = [
    (
        "docker.io",
        &[
            "auth.docker.io",
            "production.cloudflare.docker.com",
            "registry-1.docker.io",
        ],
    ),
    ("ghcr.io", &["pkg-containers.githubusercontent.com"]),
    ("quay.io", &["*.quay.io"]),
    (
        "registry-1.docker.io",
        &["auth.docker.io", "production.cloudflare.docker.com"],
    ),
];

/// The hosts and their companions, each once, in the order given.
pub(super) fn with_companions(hosts: Vec<ExternalName>, domain: &str) -> Vec<ExternalName> {
    let mut all: Vec<ExternalName> = Vec::new();
    for host in hosts {
        let companions = COMPANIONS
            .iter()
            .filter(|(registry, _)| parse(registry, domain) == host)
            .flat_map(|(_, companions)| *companions)
            .map(|text| parse(text, domain));
        for name in [host.clone()].into_iter().chain(companions) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

fn parse(text: &str, domain: &str) -> ExternalName {
    ExternalName::parse(text, domain).expect("a constant that parses")
}
