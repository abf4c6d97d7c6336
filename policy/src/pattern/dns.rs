//! Wildcards in names (`pkg/fqdn/matchpattern` of Cilium).
//!
//! `*` stands for any number of characters of one label, `**.` at the start for one or
//! more labels, and a pattern of nothing but stars for every name. Case and a final
//! dot do not matter.

use super::Pattern;

const CHARACTER: &str = "[-a-zA-Z0-9_]";
const LONGEST: usize = 255;

/// A `matchName`: that name and no other.
pub fn dns_name(name: &str) -> Result<Pattern, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if let Some(character) = name.chars().find(|character| !allowed(*character)) {
        return Err(format!("`{character}` has no place in a DNS name"));
    }
    compile(name)
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
    compile(pattern)
}

/// One of `serverNames`: the same wildcards, for the name that a TLS client sends.
pub fn server_name(pattern: &str) -> Result<Pattern, String> {
    dns_pattern(pattern)
}

fn compile(pattern: &str) -> Result<Pattern, String> {
    let pattern = pattern.to_ascii_lowercase();
    let pattern = pattern.strip_suffix('.').unwrap_or(&pattern);
    if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') {
        return Pattern::compile(&format!(r"(?:{CHARACTER}+\.)*{CHARACTER}*\.?"));
    }
    let stars = pattern.len() - pattern.trim_start_matches('*').len();
    let (prefix, rest) = match pattern[stars..].strip_prefix('.') {
        Some(rest) if stars >= 2 => (format!(r"{CHARACTER}+(?:\.{CHARACTER}+)*\."), rest),
        _ => (String::new(), pattern),
    };
    let rest = regex::escape(rest).replace(r"\*", "*");
    let pieces = rest.split('*').collect::<Vec<_>>();
    let rest = pieces.join(&format!("{CHARACTER}*"));
    Pattern::compile(&format!(r"(?i:{prefix}{rest}\.?)"))
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
