//! A key of a tunnel is none.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::wireguard::{Setting, interfaces};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wireguard-key",
    severity: Severity::Error,
    text: include_str!("wireguard_key.md"),
    find,
};

/// 32 bytes are 43 characters of base64 and one of padding.
const DIGITS: usize = 43;

/// What the last digit may be: 43 of them hold 258 bits, the last two of which are
/// nobody's.
const LAST: &str = "AEIMQUYcgkosw048";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    interfaces(subject)
        .flat_map(|interface| {
            let keys = interface.of_peers("PublicKey").map(|(_, key)| key);
            let wrong = keys.filter_map(|key| Some((key, problem(key)?)));
            let found = wrong.map(|(key, problem)| {
                let hint = "put what `wg pubkey` prints there: 44 characters that end in `=`";
                let finding = interface.file.finding(key.line, problem, hint);
                // A server's key is made on it after the first render.
                match interface.file.node() {
                    Some(_) => finding,
                    None => finding.severity(Severity::Warning),
                }
            });
            found.collect::<Vec<_>>()
        })
        .collect()
}

/// The text itself is not repeated: it may be a private key in the wrong place.
fn problem(key: &Setting) -> Option<&'static str> {
    let digits = key.value.strip_suffix('=').unwrap_or_default();
    let is_digit = |digit: char| digit.is_ascii_alphanumeric() || "+/".contains(digit);
    if digits.len() != DIGITS
        || !digits.chars().all(is_digit)
        || !digits.ends_with(|last| LAST.contains(last))
    {
        return Some("the public key is not 32 bytes in base64");
    }
    let zero = digits.bytes().all(|digit| digit == b'A');
    zero.then_some("the public key is all zero, to which nobody has the private one")
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::{FileTarget, Severity};

    use super::super::fixtures::{KEY, OTHER_KEY, TUNNEL, conf, tunnel};
    use crate::testing::Lint;

    const ADDRESS: &str = "10.100.0.2/32";

    #[test]
    fn what_is_no_key_is_found() {
        let zero = format!("{}=", "A".repeat(43));
        let stray = format!("{}B=", "A".repeat(42));
        for key in ["", "laptop", &KEY[1..], &zero, &stray] {
            tunnel(&[(key, ADDRESS)]).finds(super::RULE, TUNNEL);
        }
    }

    #[test]
    fn a_key_is_fine() {
        tunnel(&[(KEY, ADDRESS), (OTHER_KEY, "10.100.0.3/32")]).passes(super::RULE);
    }

    #[test]
    fn a_client_s_file_may_still_wait_for_the_server_s_key() {
        let client = FileTarget::Client("laptop".to_owned());
        let text = conf(&[("PUBLIC-KEY-OF-THE-HUB", ADDRESS)]);
        Lint::homelab()
            .file_of(client, "home.conf", &text)
            .finds_of(super::RULE, "laptop:home.conf", Severity::Warning);
    }
}
