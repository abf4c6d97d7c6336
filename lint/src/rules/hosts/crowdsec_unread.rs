//! CrowdSec reads nothing from a log, and does not say so.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::{files, yaml};
use crate::json::text;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "crowdsec-unread",
    severity: Severity::Error,
    text: include_str!("crowdsec_unread.md"),
    find,
};

const SOURCES: [&str; 15] = [
    "appsec",
    "cloudwatch",
    "docker",
    "file",
    "http",
    "journalctl",
    "k8s-audit",
    "kafka",
    "kinesis",
    "kubernetes",
    "loki",
    "s3",
    "syslog",
    "victorialogs",
    "wineventlog",
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let files = files(subject).filter(|file| file.file.path.starts_with("/etc/crowdsec/acquis"));
    files
        .flat_map(|file| {
            let documents = yaml::documents(file.text()).into_iter();
            let found = documents.filter_map(|document| {
                // A log in a file may leave it out.
                let source =
                    Some(text(&document, "/source")).filter(|source| !source.is_empty())?;
                let unknown = !SOURCES.contains(&source);
                unknown.then(|| {
                    file.finding(
                        file.line_of(&format!("source: {source}")),
                        format!("CrowdSec has no source `{source}`, and reads nothing there"),
                        hint(source),
                    )
                })
            });
            found.collect::<Vec<_>>()
        })
        .collect()
}

fn hint(source: &str) -> String {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, source);
    let closest = SOURCES.iter().min_by_key(distance);
    closest
        .filter(|known| distance(known) <= 4)
        .map_or("use one of its sources".to_owned(), |known| {
            format!("did you mean `{known}`?")
        })
}

#[cfg(test)]
mod tests {
    use crate::testing::Lint;

    const PATH: &str = "/etc/crowdsec/acquis.d/ssh.yaml";

    fn with(text: &str) -> Lint {
        Lint::homelab().file("pi-1", PATH, text)
    }

    #[test]
    fn a_source_that_is_none_is_found() {
        with("source: journald\nlabels: {type: syslog}\n")
            .finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn the_second_of_two_sources_is_looked_at_too() {
        with("source: file\nfilename: /var/log/x\n---\nsource: journl\n")
            .finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn sources_that_there_are_are_fine() {
        with("source: journalctl\njournalctl_filter: [_SYSTEMD_UNIT=ssh.service]\n")
            .passes(super::RULE);
        with("filenames: [/var/log/auth.log]\n").passes(super::RULE);
    }
}
