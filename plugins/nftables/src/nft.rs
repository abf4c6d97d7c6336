//! A node's firewall for `nft`: one table for both families.

mod forward;
mod input;

use std::fmt;

use crate::address_set::{AddressSet, Family};
use crate::config::Log;
use crate::firewall::{CILIUM_INTERFACES, END_MARK, Firewall, PodsBy};

const TABLE_HEAD: &str = r"#
# One transaction: the table is made where there is none, deleted, and made anew.
# So this loads again and again, no packet meets half of it, and other tables,
# such as CrowdSec's and Cilium's, stay as they are.
table inet ztgit
delete table inet ztgit
table inet ztgit {
";

/// The ruleset of one node as text.
pub(crate) struct Ruleset<'a>(pub(crate) &'a Firewall<'a>);

/// One end of a packet, as two ways to match it.
struct End {
    interface: &'static str,
    address: &'static str,
}

const SENDER: End = End {
    interface: "iifname",
    address: "saddr",
};
const RECEIVER: End = End {
    interface: "oifname",
    address: "daddr",
};

impl fmt::Display for Ruleset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Firewall { cluster, node, .. } = self.0;
        writeln!(
            f,
            "# The firewall of node {node}, cluster {cluster}. Rendered by ztgit: change the stack."
        )?;
        f.write_str(TABLE_HEAD)?;
        write_sets(f, "admins", &self.0.admins)?;
        write_sets(f, "nodes", &self.0.nodes)?;
        write_sets(f, "pods", &self.0.pods)?;
        self.write_meters(f)?;
        self.write_input(f)?;
        self.write_forward(f)?;
        writeln!(f, "}}\n{END_MARK}")
    }
}

impl Ruleset<'_> {
    /// The match for pods at one end.
    fn pods_of(&self, family: Family, end: &End) -> String {
        match self.0.pods_by {
            PodsBy::CiliumInterface => {
                let names = CILIUM_INTERFACES.map(|name| format!("\"{name}*\""));
                format!("{} {{ {} }}", end.interface, names.join(", "))
            }
            PodsBy::Address => format!(
                "{} {} @pods{}",
                family.keyword(),
                end.address,
                family.suffix()
            ),
        }
    }
}

/// The end of a chain: what got that far is logged, as far as that is wanted,
/// and dropped by the chain's policy.
fn write_tail(f: &mut fmt::Formatter<'_>, log: &Log, chain: &str) -> fmt::Result {
    let Log {
        prefix,
        per_minute,
        burst,
    } = log;
    if *per_minute > 0 {
        write!(
            f,
            "
		limit rate {per_minute}/minute burst {burst} packets log prefix \"{prefix}-{chain} \" level info
"
        )?;
    }
    writeln!(f, "\t}}")
}

fn write_sets(f: &mut fmt::Formatter<'_>, name: &str, addresses: &AddressSet) -> fmt::Result {
    for family in Family::ALL {
        let version = family.suffix();
        writeln!(
            f,
            "\tset {name}{version} {{\n\t\ttype ipv{version}_addr\n\t\tflags interval"
        )?;
        if addresses.has(family) {
            writeln!(f, "\t\telements = {{ {} }}", addresses.elements(family))?;
        }
        writeln!(f, "\t}}\n")?;
    }
    Ok(())
}
