//! Kernel parameters.

use super::{Fault, excerpt, numbered};

/// The parameters that may be set; `*` stands for one name, such as an
/// interface's.
const PARAMETERS: [&str; 7] = [
    "net.ipv4.ip_forward",
    "net.ipv4.conf.*.forwarding",
    "net.ipv4.conf.*.rp_filter",
    "net.ipv4.conf.*.accept_redirects",
    "net.ipv6.conf.*.forwarding",
    "net.ipv6.conf.*.accept_ra",
    "net.ipv6.conf.*.accept_redirects",
];

/// Reads parameters against the list.
pub(super) fn check(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in numbered(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let setting = line
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()));
        let message = match setting {
            None => format!("`{}` is no setting", excerpt(line)),
            Some((key, _)) if !PARAMETERS.iter().any(|pattern| is(key, pattern)) => {
                format!(
                    "the parameter `{}` is not one that ztgit renders",
                    excerpt(key)
                )
            }
            Some((_, value)) if value.parse::<u8>().is_ok() => continue,
            Some((key, _)) => format!("the value of `{key}` is no small number"),
        };
        faults.push(Fault::at(number, message));
    }
    faults
}

fn is(key: &str, pattern: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let parts = pattern.split('.');
    key.split('.').count() == parts.clone().count()
        && key
            .split('.')
            .zip(parts)
            .all(|(name, pattern)| name == pattern || (pattern == "*" && plain(name)))
}

/// The parameters of a text that passed the list, with their values.
pub(crate) fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with(['#', ';']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

/// What the kernel changes together with a parameter: whether a machine is a router
/// decides about more than what it forwards (`inet_forward_change` of Linux'
/// `net/ipv4/devinet.c`).
pub(crate) fn also_changed(key: &str) -> &'static [&'static str] {
    match key {
        "net.ipv4.ip_forward" | "net.ipv4.conf.all.forwarding" => &[
            "net.ipv4.conf.all.accept_redirects",
            "net.ipv4.conf.default.forwarding",
        ],
        "net.ipv6.conf.all.forwarding" => &["net.ipv6.conf.default.forwarding"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_may_be_set_and_programs_for_cores_may_not() {
        assert_eq!(
            check("net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding=1\n"),
            []
        );
        for bad in [
            "kernel.core_pattern = |/tmp/x",
            "net.ipv4.ip_forward = yes",
            "-net.ipv4.ip_forward = 1",
            "net/ipv4/ip_forward = 1",
            "nonsense",
        ] {
            assert_eq!(check(&format!("{bad}\n")).len(), 1, "{bad}");
        }
    }
}
