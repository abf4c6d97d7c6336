//! Names of policies: stable, unique, valid.
//!
//! A policy's name depends on nothing but the flow's name, who stated it and
//! which half it is, so that one more flow renames no other. Dots separate the
//! parts because neither a plugin nor a flow has them in its name.

/// The longest name: what also fits into a label's value.
const LONGEST: usize = 63;

/// Joins parts into a name. What is too long or not valid is cut and made
/// unique again by a digest of all of it.
pub(crate) fn join(parts: &[&str]) -> String {
    let whole = parts.join(".");
    if whole.len() <= LONGEST && parts.iter().all(|part| is_label(part)) {
        return whole;
    }
    let digest = digest(parts);
    let last = parts.last().copied().unwrap_or_default();
    let tail = format!("-{digest}.{last}");
    let head: String = parts[..parts.len().saturating_sub(1)]
        .join("-")
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(LONGEST.saturating_sub(tail.len()))
        .collect();
    let head = head.trim_matches('-');
    format!("{}{tail}", if head.is_empty() { "flow" } else { head })
}

/// Sixteen hexadecimal digits that differ where the parts do.
pub(crate) fn digest(parts: &[&str]) -> String {
    format!("{:016x}", fnv1a(parts))
}

/// Whether a text is a DNS label: lower case, digits, inner dashes.
fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// FNV-1a over the parts, each ended by a byte that no text contains.
fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays_readable() {
        assert_eq!(join(&["web-to-api", "egress"]), "web-to-api.egress");
        assert_eq!(
            join(&["gateway-tls", "web", "ingress"]),
            "gateway-tls.web.ingress"
        );
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_half() {
        let long = "a".repeat(80);
        let name = join(&[&long, "egress"]);
        assert_eq!(name.len(), LONGEST);
        assert!(name.ends_with(".egress") && name.starts_with("aaaa"));
        assert_ne!(name, join(&[&format!("{long}b"), "egress"]));
    }

    #[test]
    fn names_that_differ_only_where_they_are_invalid_stay_apart() {
        let names = ["a.b", "a_b", "A-b", "_"].map(|text| join(&[text, "egress"]));
        for (index, name) in names.iter().enumerate() {
            assert!(name.split('.').all(is_label), "{name}");
            assert!(!names[..index].contains(name), "{name}");
        }
        assert_ne!(join(&["a", "b", "egress"]), join(&["a.b", "egress"]));
    }
}
