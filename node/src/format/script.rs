//! Scripts that root runs: those of the plugins that this program was built
//! with, byte for byte.
//!
//! Where a script depends on the stack, that is a block of constants on top of
//! it, and each line of the block has to be one constant without anything that
//! a shell would act on.

use super::Fault;
use crate::path::HostPath;

const HINT: &str = "run the version of ztgit that rendered it, or render again";

/// Where scripts are.
const DIRECTORY: &str = "/usr/local/lib/ztgit/";

/// Scripts without constants. One name may stand for the step of either of two
/// back-ends.
const FIXED: [(&str, &str); 7] = [
    (
        "nft-load",
        include_str!("../../../plugins/nftables/src/host/nft-load"),
    ),
    (
        "iptables-load",
        include_str!("../../../plugins/nftables/src/host/iptables-load"),
    ),
    (
        "wg-key",
        include_str!("../../../plugins/wireguard/src/host/wg-key"),
    ),
    (
        "wg-sync",
        include_str!("../../../plugins/wireguard/src/host/wg-sync"),
    ),
    (
        "install.d/20-wireguard.sh",
        include_str!("../../../plugins/wireguard/src/host/install.sh"),
    ),
    (
        "install.d/25-nftables.sh",
        include_str!("../../../plugins/nftables/src/host/install-nftables.sh"),
    ),
    (
        "install.d/25-nftables.sh",
        include_str!("../../../plugins/nftables/src/host/install-iptables.sh"),
    ),
];

/// Scripts behind a block of constants.
const WITH_CONSTANTS: [(&str, &str); 2] = [
    (
        "install.d/30-k3s.sh",
        include_str!("../../../plugins/k3s/src/step/install.sh"),
    ),
    (
        "install.d/40-crowdsec.sh",
        include_str!("../../../plugins/crowdsec/src/step/install.sh"),
    ),
];

/// Compares a script to the known one of its name.
pub(super) fn check(path: &HostPath, text: &str) -> Vec<Fault> {
    let name = path.as_str().strip_prefix(DIRECTORY).unwrap_or_default();
    let mut fixed = FIXED.iter().filter(|(known, _)| *known == name).peekable();
    if fixed.peek().is_some() {
        let is_known = fixed.any(|(_, known)| *known == text);
        return if is_known {
            Vec::new()
        } else {
            vec![other(name)]
        };
    }
    let Some((_, body)) = WITH_CONSTANTS.iter().find(|(known, _)| *known == name) else {
        return vec![Fault::of_file(format!("no script `{name}` is known"))];
    };
    match text.strip_suffix(body) {
        Some(head) => constants(head),
        None => vec![other(name)],
    }
}

fn other(name: &str) -> Fault {
    Fault::of_file(format!(
        "it is not the script `{name}` of this version; {HINT}"
    ))
}

/// Lines that are no constants. Only between the brackets of a list may a word
/// stand by itself: elsewhere it would be a command.
fn constants(head: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !head.is_empty() && !head.ends_with('\n') {
        // A comment there would swallow the script's own first line.
        faults.push(Fault::of_file(
            "the last constant and the script share a line",
        ));
    }
    let mut in_list = false;
    for (number, line) in super::numbered(head) {
        let is_constant = match line {
            ")" => std::mem::replace(&mut in_list, false),
            _ if in_list => line.strip_prefix("    ").is_some_and(is_item),
            "#!/bin/bash" => number == 1,
            "set -euo pipefail" | "" => true,
            _ if line.starts_with('#') => true,
            _ => {
                let constant = line.strip_prefix("readonly ");
                let constant = constant.map(|it| it.strip_prefix("-A ").unwrap_or(it));
                let constant = constant.and_then(|it| it.split_once('='));
                in_list = constant.is_some_and(|(_, value)| value == "(");
                constant.is_some_and(|(name, value)| {
                    is_name(name) && (in_list || value.is_empty() || is_word(value))
                })
            }
        };
        if !is_constant {
            faults.push(Fault::at(number, "it is no constant of the script"));
        }
    }
    if in_list {
        faults.push(Fault::of_file("a list of constants does not end"));
    }
    faults
}

/// A word, also under a key.
fn is_item(text: &str) -> bool {
    let value = match text.strip_prefix('[') {
        Some(pair) => pair
            .split_once("]=")
            .filter(|(key, _)| is_word(key))
            .map(|(_, value)| value),
        None => Some(text),
    };
    value.is_some_and(is_word)
}

/// Neither an option nor a way up: words become arguments, and parts of URLs
/// that lead to the releases of one project.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:@+-".contains(&byte);
    !text.is_empty() && !text.starts_with('-') && !text.contains("..") && text.bytes().all(plain)
}

/// Lower case: in upper case are the variables that a shell acts on.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALLER: &str = "install.d/40-crowdsec.sh";

    fn faults(name: &str, text: &str) -> usize {
        let path = HostPath::new(format!("/usr/local/lib/ztgit/{name}")).unwrap();
        check(&path, text).len()
    }

    fn installer(constants: &str) -> String {
        format!(
            "#!/bin/bash\nset -euo pipefail\n\n{constants}{}",
            WITH_CONSTANTS[1].1
        )
    }

    #[test]
    fn a_known_script_passes_and_one_byte_more_does_not() {
        let (name, text) = FIXED[0];
        assert_eq!(faults(name, text), 0);
        assert_eq!(faults(name, &format!("{text}\n")), 1);
        assert_eq!(faults("other", text), 1);
    }

    #[test]
    fn constants_are_plain() {
        let good = "readonly generation=debian12\nreadonly empty=\nreadonly -A x=(\n    [amd64]=k3s\n    a/b\n)\n\n";
        assert_eq!(faults(INSTALLER, &installer(good)), 0);
        for bad in [
            "readonly a=$(reboot)\n",
            "readonly a=b; reboot\n",
            "readonly a=`reboot`\n",
            "reboot\n",
            "    reboot\n",
            "readonly a=b\n    reboot\n",
            "readonly a=(\n    $(reboot)\n)\n",
            "readonly a=(\n    [$(reboot)]=x\n)\n",
            "readonly -p a=b\n",
            "readonly a=(\n",
            "readonly PATH=/tmp\n",
            "readonly version=../../../else/where/releases/download/v1\n",
            "readonly package=-c/tmp/x\n",
            "readonly a=b\n# ",
            "readonly a=",
        ] {
            assert_eq!(faults(INSTALLER, &installer(bad)), 1, "{bad}");
        }
    }
}
