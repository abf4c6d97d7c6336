//! Wildcards in names (`pkg/fqdn/matchpattern` of Cilium).
//!
//! `*` stands for any number of characters of one label, `**.` at the start for one or
//! more labels, and a pattern of nothing but stars for every name. Case and a final
//! dot do not matter.

use super::{Kind, Pattern};

const LONGEST: usize = 255;

/// A `matchName`: that name and no other.
pub fn dns_name(name: &str) -> Result<Pattern, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if let Some(character) = name.chars().find(|character| !allowed(*character)) {
        return Err(format!("`{character}` has no place in a DNS name"));
    }
    Ok(compile(name))
}

/// A `matchPattern`.
pub fn dns_pattern(pattern: &str) -> Result<Pattern, String> {
    if pattern.trim().len() > LONGEST {
        return Err(format!("longer than {LONGEST} characters"));
    }
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.*".contains(character);
    if let Some(character) = pattern.chars().find(|character| !allowed(*character)) {
        return Err(format!(
            "`{character}` has no place in a pattern of DNS names"
        ));
    }
    Ok(compile(pattern))
}

/// One of `serverNames`: the same wildcards, for the name that a TLS client sends.
pub fn server_name(pattern: &str) -> Result<Pattern, String> {
    dns_pattern(pattern)
}

/// What a name looks like.
#[derive(Clone, Debug)]
pub(super) enum Wildcards {
    /// Any name.
    All,
    /// This text, in which a star stands for characters of one label.
    Labels(String),
    /// One or more labels, then this text.
    Below(String),
}

impl Wildcards {
    /// A final dot may be there or not, whatever the pattern says.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let relative = name.strip_suffix('.');
        self.covers(name.as_bytes()) || relative.is_some_and(|name| self.covers(name.as_bytes()))
    }

    fn covers(&self, name: &[u8]) -> bool {
        match self {
            Self::All => {
                let labels = name.strip_suffix(b".").unwrap_or(name);
                name.is_empty() || is_labels(labels)
            }
            Self::Labels(text) => glob(text.as_bytes(), name),
            Self::Below(text) => name.iter().enumerate().any(|(dot, byte)| {
                *byte == b'.' && is_labels(&name[..dot]) && glob(text.as_bytes(), &name[dot + 1..])
            }),
        }
    }
}

fn compile(pattern: &str) -> Pattern {
    let pattern = pattern.to_ascii_lowercase();
    let pattern = pattern.strip_suffix('.').unwrap_or(&pattern);
    let stars = pattern.len() - pattern.trim_start_matches('*').len();
    let wildcards = match pattern[stars..].strip_prefix('.') {
        _ if stars > 0 && stars == pattern.len() => Wildcards::All,
        Some(rest) if stars >= 2 => Wildcards::Below(rest.to_owned()),
        _ => Wildcards::Labels(pattern.to_owned()),
    };
    Pattern(Kind::Name(wildcards))
}

fn is_of_a_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// One or more labels, none of them empty.
fn is_labels(name: &[u8]) -> bool {
    name.split(|byte| *byte == b'.')
        .all(|label| !label.is_empty() && label.iter().copied().all(is_of_a_label))
}

/// Whether a text matches, where a star stands for characters of one label. A star
/// takes as little as it can: what it could not take, no earlier one could either.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, read));
            at += 1;
        } else if pattern.get(at) == Some(&text[read]) {
            at += 1;
            read += 1;
        } else {
            let Some((behind, taken)) = star.filter(|(_, taken)| is_of_a_label(text[*taken]))
            else {
                return false;
            };
            star = Some((behind, taken + 1));
            (at, read) = (behind, taken + 1);
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_one_label() {
        let pattern = dns_pattern("*.example.com").unwrap();
        assert!(pattern.matches("www.example.com") && pattern.matches("WWW.Example.com."));
        assert!(!pattern.matches("example.com") && !pattern.matches("a.b.example.com"));
        let pattern = dns_pattern("*example.com").unwrap();
        assert!(pattern.matches("example.com") && pattern.matches("notexample.com"));
        assert!(!pattern.matches("www.example.com"));
    }

    #[test]
    fn two_stars_and_a_dot_cover_many_labels() {
        let pattern = dns_pattern("**.example.com").unwrap();
        assert!(pattern.matches("a.example.com") && pattern.matches("a.b.example.com"));
        assert!(!pattern.matches("example.com"));
        let inside = dns_pattern("test.**.example.com").unwrap();
        assert!(inside.matches("test.a.example.com") && !inside.matches("test.a.b.example.com"));
    }

    #[test]
    fn stars_alone_cover_every_name() {
        for pattern in ["*", "**", "*."] {
            let pattern = dns_pattern(pattern).unwrap();
            assert!(pattern.matches("com") && pattern.matches("a.b.c.example.com."));
        }
    }

    /// Cilium's own expression for a pattern.
    fn expression(pattern: &str) -> regex::Regex {
        const CHARACTER: &str = "[-a-zA-Z0-9_]";
        let pattern = pattern.to_ascii_lowercase();
        let pattern = pattern.strip_suffix('.').unwrap_or(&pattern);
        if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') {
            let all = format!(r"^(?:(?:{CHARACTER}+\.)*{CHARACTER}*\.?)$");
            return regex::Regex::new(&all).unwrap();
        }
        let stars = pattern.len() - pattern.trim_start_matches('*').len();
        let (prefix, rest) = match pattern[stars..].strip_prefix('.') {
            Some(rest) if stars >= 2 => (format!(r"{CHARACTER}+(?:\.{CHARACTER}+)*\."), rest),
            _ => (String::new(), pattern),
        };
        let rest = regex::escape(rest).replace(r"\*", &format!("{CHARACTER}*"));
        regex::Regex::new(&format!(r"^(?i:{prefix}{rest}\.?)$")).unwrap()
    }

    proptest::proptest! {
        #[test]
        fn wildcards_mean_what_cilium_s_expressions_mean(
            pattern in "[*]{0,3}[.]?[ab*.]{0,7}",
            names in proptest::collection::vec("[aAb.!]{0,9}", 1..20),
        ) {
            let (ours, theirs) = (dns_pattern(&pattern).unwrap(), expression(&pattern));
            for name in names {
                proptest::prop_assert_eq!(ours.matches(&name), theirs.is_match(&name), "{} {}", pattern, name);
            }
        }
    }

    #[test]
    fn a_dot_is_a_dot() {
        assert!(
            !dns_name("api.example.com")
                .unwrap()
                .matches("apixexample.com")
        );
        assert!(
            dns_name("api.example.com")
                .unwrap()
                .matches("api.example.com.")
        );
    }

    #[test]
    fn other_characters_are_refused() {
        assert!(dns_name("*.example.com").is_err());
        assert!(dns_pattern("https://example.com").is_err());
        assert!(dns_pattern(&"a".repeat(256)).is_err());
    }
}
