//! Rulesets of nftables, as far as rules look into them: which chains drop what
//! nothing accepts, and what they accept from whom.
//!
//! Read are the forms in which rulesets are written by hand and by programs:
//! nested tables, and `add` commands. Maps of verdicts and the order of rules
//! within a chain are not looked at.

mod opening;
mod parse;
mod words;

use std::collections::BTreeMap;

use ipnet::IpNet;

pub(crate) use opening::{Opening, Protocol, Ranges, Source};

/// A file's content.
#[derive(Debug, Default)]
pub(crate) struct Ruleset {
    /// The chains of all tables.
    pub(crate) chains: Vec<Chain>,
    /// Commands that stand by themselves, such as `flush ruleset`.
    pub(crate) commands: Vec<Statement>,
    /// The elements of sets, by table and name.
    sets: BTreeMap<(String, String), Vec<IpNet>>,
}

/// A chain.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Family and name of its table.
    pub(crate) table: String,
    /// Its name.
    pub(crate) name: String,
    /// The line on which it begins.
    pub(crate) line: usize,
    /// Where it is hooked in, such as `input`, and its priority, `filter` being 0.
    pub(crate) hook: Option<(String, i32)>,
    /// Its rules.
    pub(crate) rules: Vec<Statement>,
    policy: Policy,
}

/// What becomes of a packet that no rule decides about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Policy {
    #[default]
    Accept,
    Drop,
}

/// A rule or a command.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The line on which it begins.
    pub(crate) line: usize,
    /// Its words; braces are words too.
    pub(crate) words: Vec<String>,
}

impl Ruleset {
    /// Reads a file.
    pub(crate) fn read(text: &str) -> Self {
        parse::ruleset(text)
    }

    /// The chains at a hook that drop what they do not accept.
    pub(crate) fn closed<'r>(&'r self, hook: &'r str) -> impl Iterator<Item = &'r Chain> {
        let here = move |chain: &&Chain| chain.hook.as_ref().is_some_and(|(at, _)| at == hook);
        self.chains
            .iter()
            .filter(here)
            .filter(|chain| chain.drops())
    }
}

impl Chain {
    /// Whether it drops what nothing accepts.
    fn drops(&self) -> bool {
        let last = self.rules.last().map(|rule| &rule.words[..]);
        let bare = last.and_then(<[String]>::first);
        self.policy == Policy::Drop || bare.is_some_and(|word| word == "drop" || word == "reject")
    }
}

impl Statement {
    /// Whether these words follow one another in it.
    pub(crate) fn says(&self, words: &[&str]) -> bool {
        self.position(words).is_some()
    }

    /// What comes behind these words.
    fn behind(&self, words: &[&str]) -> Option<&[String]> {
        let start = self.position(words)?;
        self.words.get(start + words.len()..)
    }

    fn position(&self, words: &[&str]) -> Option<usize> {
        self.words
            .windows(words.len())
            .position(|window| window.iter().zip(words).all(|(word, other)| word == other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
define lan = 192.168.1.0/24
flush ruleset
table inet guard {
  set nodes4 { type ipv4_addr; flags interval
    elements = { 192.168.1.10,
                 192.168.1.11 }
  }
  chain ssh { ip saddr $lan accept }
  chain input {
    type filter hook input priority filter + 10; policy drop;
    ct state established,related accept # all else is new
    iifname "lo" accept; tcp dport 22 jump ssh
    ip saddr @nodes4 tcp dport { 6443, 10250 } accept comment "a { b"
    tcp dport 80-90 accept
  }
}
"#;

    fn input(ruleset: &Ruleset) -> &Chain {
        ruleset.closed("input").next().expect("a chain that drops")
    }

    fn sources(protocol: Protocol, port: u16) -> Vec<Source> {
        let ruleset = Ruleset::read(TEXT);
        let openings = ruleset.openings(input(&ruleset)).into_iter();
        openings
            .filter(|opening| opening.covers(protocol, port))
            .map(|opening| opening.source)
            .collect()
    }

    #[test]
    fn a_chain_has_its_hook_its_priority_and_its_rules() {
        let ruleset = Ruleset::read(TEXT);
        let chain = input(&ruleset);
        assert_eq!(chain.hook, Some(("input".to_owned(), 10)));
        assert_eq!(chain.rules.len(), 5);
        assert_eq!(chain.rules[0].line, 12);
        assert!(ruleset.commands[0].says(&["flush", "ruleset"]));
    }

    #[test]
    fn a_port_of_a_list_or_a_range_is_open() {
        assert_eq!(sources(Protocol::Tcp, 85).len(), 1);
        assert_eq!(sources(Protocol::Tcp, 10250).len(), 1);
        assert_eq!(sources(Protocol::Udp, 85).len(), 0);
        assert_eq!(sources(Protocol::Tcp, 91).len(), 0);
    }

    #[test]
    fn sets_definitions_and_other_chains_say_from_where() {
        let lan = Ranges::Known(vec!["192.168.1.0/24".parse().expect("a range")]);
        assert_eq!(sources(Protocol::Tcp, 22)[0].ranges, lan);
        let [api] = &sources(Protocol::Tcp, 6443)[..] else {
            panic!("one rule opens it")
        };
        assert!(api.comes_from("192.168.1.11/32".parse().expect("a range")));
        assert!(!api.is_world());
        assert!(sources(Protocol::Tcp, 80)[0].is_world());
    }

    #[test]
    fn what_is_bound_to_a_state_or_an_interface_is_open_to_nobody_else() {
        let text = "table ip f { chain i { type filter hook input priority 0; policy drop;\n\
                    ct state established accept\n iifname \"wg0\" tcp dport 22 accept\n\
                    meta mark & 0xf00 == 0x200 accept\n } }";
        let ruleset = Ruleset::read(text);
        let openings = ruleset.openings(input(&ruleset));
        assert_eq!(openings.len(), 1, "{openings:?}");
        assert!(!openings[0].source.is_world());
    }

    #[test]
    fn commands_add_chains_and_rules_too() {
        let text = "add table inet f\n\
                    add chain inet f i { type filter hook input priority 0; policy drop; }\n\
                    add rule inet f i tcp dport 22 accept\n";
        let ruleset = Ruleset::read(text);
        let openings = ruleset.openings(input(&ruleset));
        assert!(openings[0].covers(Protocol::Tcp, 22) && openings[0].source.is_world());
    }
}
