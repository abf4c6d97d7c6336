//! Patterns in rules: regular expressions of HTTP rules, wildcards in DNS and TLS names.
//!
//! In: the text of a rule. Out: a [`Pattern`], or why the text is none.

mod dns;
mod syntax;

use regex::Regex;

pub use dns::{dns_name, dns_pattern, server_name};

/// A pattern for a whole text.
#[derive(Clone, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Expression(Regex),
    /// Most expressions of HTTP rules are a text that means itself.
    Text(String),
    /// Names are compared often and compiled as often, so they are no expressions.
    Name(dns::Wildcards),
    Nothing,
}

impl Pattern {
    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Kind::Expression(expression) => expression.is_match(text),
            Kind::Text(whole) => whole == text,
            Kind::Name(wildcards) => wildcards.matches(text),
            Kind::Nothing => false,
        }
    }

    fn compile(expression: &str) -> Result<Self, String> {
        Regex::new(&whole(expression))
            .map(|expression| Self(Kind::Expression(expression)))
            .map_err(|error| last_line(&error.to_string()))
    }
}

/// A regular expression of an HTTP rule, as Go and Envoy read it (RE2).
pub fn http(text: &str) -> Result<Pattern, String> {
    if means_itself(text) {
        return Ok(Pattern(Kind::Text(text.to_owned())));
    }
    Pattern::compile(&syntax::translate(text)?)
}

/// Whether a text is such an expression, or why it is none. Most are read for this
/// and not compiled, which costs many times as much.
pub fn check_http(text: &str) -> Result<(), String> {
    if means_itself(text) {
        return Ok(());
    }
    let expression = syntax::translate(text)?;
    if syntax::is_small(&expression) && regex_syntax::parse(&whole(&expression)).is_ok() {
        return Ok(());
    }
    Pattern::compile(&expression).map(|_| ())
}

/// The expression for a whole text.
fn whole(expression: &str) -> String {
    format!("^(?:{expression})$")
}

fn means_itself(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_~%:,@=&".contains(&byte);
    text.bytes().all(plain)
}

/// A pattern that no text matches.
pub(crate) fn nothing() -> Pattern {
    Pattern(Kind::Nothing)
}

/// The last line of the message has the reason, the others draw the place.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or(message).trim();
    line.trim_start_matches("error: ").to_owned()
}
