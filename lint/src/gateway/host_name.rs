//! Hosts of listeners and routes.

/// Set aside by RFC 2606, RFC 6761, RFC 6762, RFC 8375 and ICANN: no public CA
/// issues certificates below them.
const RESERVED: [&str; 10] = [
    "example",
    "example.com",
    "example.net",
    "example.org",
    "home.arpa",
    "internal",
    "invalid",
    "local",
    "localhost",
    "test",
];

/// Whether two hosts have a name in common; `*.` in front stands for one label or
/// more.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    match (one.strip_prefix("*."), other.strip_prefix("*.")) {
        (None, None) => one.eq_ignore_ascii_case(other),
        (Some(suffix), None) => is_below(other, suffix),
        (None, Some(suffix)) => is_below(one, suffix),
        (Some(one), Some(other)) => {
            one.eq_ignore_ascii_case(other) || is_below(one, other) || is_below(other, one)
        }
    }
}

/// Whether it stands for several names.
pub(crate) fn is_wildcard(host: &str) -> bool {
    host.starts_with("*.")
}

/// The suffix that keeps a name out of the public DNS, if it has one.
pub(crate) fn reserved_suffix(host: &str) -> Option<&'static str> {
    let host = host.strip_prefix("*.").unwrap_or(host);
    let mut reserved = RESERVED.into_iter();
    reserved.find(|suffix| host.eq_ignore_ascii_case(suffix) || is_below(host, suffix))
}

/// Whether a name is within a zone, or the zone itself.
pub(crate) fn is_within(host: &str, zone: &str) -> bool {
    let host = host.strip_prefix("*.").unwrap_or(host);
    host.eq_ignore_ascii_case(zone) || is_below(host, zone)
}

fn is_below(host: &str, suffix: &str) -> bool {
    let Some(cut) = host.len().checked_sub(suffix.len() + 1) else {
        return false;
    };
    host.is_char_boundary(cut)
        && host[cut..].starts_with('.')
        && host[cut + 1..].eq_ignore_ascii_case(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_has_every_name_below_it_and_not_the_name_itself() {
        assert!(overlap("*.homelab-one.net", "wiki.homelab-one.net"));
        assert!(overlap("a.b.homelab-one.net", "*.homelab-one.net"));
        assert!(overlap("*.b.homelab-one.net", "*.homelab-one.net"));
        assert!(!overlap("*.homelab-one.net", "homelab-one.net"));
        assert!(!overlap("wiki.homelab-one.net", "git.homelab-one.net"));
    }

    #[test]
    fn a_name_is_reserved_by_its_last_labels_only() {
        assert_eq!(reserved_suffix("myapp.example.com"), Some("example.com"));
        assert_eq!(reserved_suffix("*.lab.test"), Some("test"));
        assert_eq!(reserved_suffix("myexample.com"), None);
    }
}
