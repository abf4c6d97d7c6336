//! The firewall bouncer is told what it does not understand, or in public.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::{FileSpot, files, yaml};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "bouncer-config",
    severity: Severity::Error,
    text: include_str!("bouncer_config.md"),
    find,
};

const MODES: [&str; 5] = ["nftables", "iptables", "ipset", "pf", "dry-run"];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    files(subject)
        .filter(|file| file.file.path.contains("firewall-bouncer.yaml"))
        .flat_map(|file| {
            let documents = yaml::documents(file.text()).into_iter();
            let found = documents.flat_map(|document| {
                let mode = unknown_mode(file, &document);
                mode.into_iter().chain(inline_key(file, &document))
            });
            found.collect::<Vec<_>>()
        })
        .collect()
}

fn unknown_mode(file: FileSpot<'_>, document: &Value) -> Option<Found> {
    let mode = document.get("mode")?.as_str()?;
    (!MODES.contains(&mode)).then(|| {
        file.finding(
            file.line_of("mode:"),
            format!("the bouncer has no mode `{mode}`: it bans nobody"),
            "set `mode: nftables`",
        )
    })
}

/// The key's text is not repeated.
fn inline_key(file: FileSpot<'_>, document: &Value) -> Option<Found> {
    let key = document.get("api_key")?.as_str()?;
    let stands_for_it = key.is_empty() || key.starts_with("${") || key.starts_with('<');
    (!stands_for_it).then(|| {
        file.finding(
            file.line_of("api_key"),
            "the bouncer's key is in the file, and so in the repository",
            "leave it to the file of the same name with `.local` behind it, which the host makes",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::Lint;

    const PATH: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";

    fn with(text: &str) -> Lint {
        Lint::homelab().file("pi-1", PATH, text)
    }

    #[test]
    fn a_mode_that_is_none_is_found() {
        with("mode: nftable\n").finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn a_key_in_the_file_is_found() {
        with("mode: nftables\napi_key: 0123456789abcdef\n")
            .finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn a_key_elsewhere_is_fine() {
        with("mode: nftables\napi_url: http://127.0.0.1:8080/\n").passes(super::RULE);
        with("mode: nftables\napi_key: ${API_KEY}\n").passes(super::RULE);
    }
}
