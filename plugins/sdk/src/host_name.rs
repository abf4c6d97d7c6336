//! Names of hosts, single ones and wildcards, as listeners, routes and
//! certificates compare them: whatever their case, and `*.` in front stands for
//! one label or more.

/// Whether it stands for several names.
pub fn is_wildcard(host: &str) -> bool {
    host.starts_with("*.")
}

/// The name without `*.`.
pub fn base(host: &str) -> &str {
    host.strip_prefix("*.").unwrap_or(host)
}

/// Whether a name, or all that a wildcard stands for, is that domain or below it.
pub fn is_within(host: &str, domain: &str) -> bool {
    let host = base(host);
    host.eq_ignore_ascii_case(domain) || is_below(host, domain)
}

/// Whether two hosts have a name in common.
pub fn overlap(one: &str, other: &str) -> bool {
    match (one.strip_prefix("*."), other.strip_prefix("*.")) {
        (None, None) => one.eq_ignore_ascii_case(other),
        (Some(domain), None) => is_below(other, domain),
        (None, Some(domain)) => is_below(one, domain),
        (Some(one), Some(other)) => is_within(one, other) || is_within(other, one),
    }
}

/// Whether it is a label as RFC 1123 has them, in whatever case.
pub fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_below(host: &str, domain: &str) -> bool {
    let Some(cut) = host.len().checked_sub(domain.len() + 1) else {
        return false;
    };
    host.is_char_boundary(cut)
        && host[cut..].starts_with('.')
        && host[cut + 1..].eq_ignore_ascii_case(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_has_every_name_below_it_and_not_the_name_itself() {
        let meet = |one, other| {
            assert_eq!(overlap(one, other), overlap(other, one));
            overlap(one, other)
        };
        assert!(meet("*.homelab-one.net", "wiki.Homelab-One.net"));
        assert!(meet("a.b.homelab-one.net", "*.homelab-one.net"));
        assert!(meet("*.b.homelab-one.net", "*.homelab-one.net"));
        assert!(!meet("*.homelab-one.net", "homelab-one.net"));
        assert!(!meet("*.homelab-one.net", "wiki.my-homelab-one.net"));
        assert!(!meet("wiki.homelab-one.net", "git.homelab-one.net"));
    }

    #[test]
    fn a_label_begins_and_ends_with_a_letter_or_a_digit() {
        assert!(is_label("a") && is_label("x1-Y") && is_label(&"a".repeat(63)));
        for bad in ["", "-a", "a-", "a_b", "ü", &"a".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn a_domain_has_its_own_name_and_whole_labels_below_it() {
        assert!(is_within("homelab-one.net", "Homelab-One.net"));
        assert!(is_within("*.lab.test", "test"));
        assert!(!is_within("my-homelab-one.net", "homelab-one.net"));
        assert!(!is_within("bücher.net", "homelab-one.net"));
    }
}
