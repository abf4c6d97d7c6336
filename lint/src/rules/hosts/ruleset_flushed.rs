//! A file takes away the rules of everybody.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::firewall::firewalls;
use crate::host::{FileSpot, files};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "ruleset-flushed",
    severity: Severity::Error,
    text: include_str!("ruleset_flushed.md"),
    find,
};

const HINT: &str =
    "keep to a table of your own: `table inet x`, `delete table inet x`, and define it";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let files = files(subject).filter(|file| file.node().is_some());
    files
        .flat_map(|file| flushes(file).into_iter().chain(destroys(subject, file)))
        .collect()
}

/// In rulesets, scripts and units alike.
fn flushes(file: FileSpot<'_>) -> Vec<Found> {
    if !file.text().contains("flush") {
        return Vec::new();
    }
    let lines = file.text().lines().enumerate();
    lines
        .filter(|(_, line)| is_flush(line))
        .map(|(index, _)| {
            let message = "`flush ruleset` takes away CrowdSec's tables and Cilium's chains too";
            file.finding(index + 1, message, HINT)
        })
        .collect()
}

fn is_flush(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default();
    let words = code.split_whitespace();
    let bare: Vec<&str> = words
        .map(|word| word.trim_matches(['"', '\'', ';']))
        .collect();
    bare.windows(2).any(|pair| pair == ["flush", "ruleset"])
}

fn destroys(subject: &Subject<'_>, file: FileSpot<'_>) -> Vec<Found> {
    let firewalls = firewalls(subject).filter(|firewall| firewall.file.index == file.index);
    let commands = firewalls.flat_map(|firewall| &firewall.ruleset.commands);
    commands
        .filter(|command| command.words.first().is_some_and(|word| word == "destroy"))
        .map(|command| {
            let message = "`destroy` is a syntax error to nft before 1.0.7, such as Debian 12's";
            file.finding(command.line, message, HINT)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{FIREWALL, NODE, RULESET, ruleset};
    use crate::testing::Lint;

    fn with(path: &str, text: &str) -> Lint {
        Lint::homelab().file(NODE, path, text)
    }

    #[test]
    fn a_ruleset_that_flushes_is_found() {
        let text = format!("flush ruleset\n{}", ruleset(""));
        with(RULESET, &text).finds(super::RULE, FIREWALL);
    }

    #[test]
    fn a_unit_that_flushes_is_found() {
        let unit = "/etc/systemd/system/firewall.service";
        with(unit, "[Service]\nExecStop=/usr/sbin/nft flush ruleset\n")
            .finds(super::RULE, "pi-1:/etc/systemd/system/firewall.service");
    }

    #[test]
    fn a_command_that_debian_does_not_know_is_found() {
        with(RULESET, "destroy table inet guard\n").finds(super::RULE, FIREWALL);
    }

    #[test]
    fn a_table_that_is_made_anew_is_fine() {
        let text = format!(
            "# no flush ruleset here\ntable inet guard\ndelete table inet guard\n{}",
            ruleset("")
        );
        with(RULESET, &text).passes(super::RULE);
    }
}
