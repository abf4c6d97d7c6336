//! The chain for what is meant for the node itself.

use std::fmt;

use super::{CILIUM_INTERFACES, PodsBy, Ruleset};
use crate::address_set::{AddressSet, Family};
use crate::opening::{Opening, Source};

/// An accept elsewhere, such as Cilium's own for this mark, does not undo a
/// drop here.
const CILIUM_PROXY: &str =
    "		# On its way to Cilium's proxy, which judges DNS, HTTP and Gateway traffic.
		meta mark & 0x00000f00 == 0x00000200 accept
";

const BASICS: &str = "		ct state established,related accept
		ct state invalid drop
		icmp type { destination-unreachable, echo-request, parameter-problem, time-exceeded } accept
		icmpv6 type { destination-unreachable, echo-request, packet-too-big, parameter-problem, time-exceeded } accept
		# Without these, IPv6 has neither neighbours nor routers.
		icmpv6 type { mld-listener-query, nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit } accept
";

const TAIL: &str = "
		limit rate 6/minute burst 10 packets log prefix \"ztgit-drop-input \" level info
	}

";

impl Ruleset<'_> {
    /// Writes the chain.
    pub(super) fn write_input(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let priority = self.priority;
        write!(
            f,
            "	chain input {{
		# The CrowdSec bouncer of Debian 12 has its chain at `filter` itself, and of
		# two chains at one priority it is not defined which goes first.
		type filter hook input priority {priority}; policy drop;

		iifname \"lo\" accept
"
        )?;
        if self.pods_by == PodsBy::CiliumInterface {
            f.write_str(CILIUM_PROXY)?;
        }
        f.write_str(BASICS)?;
        let mut heading = "";
        for opening in &self.openings {
            let next = heading_of(&opening.source);
            if next != heading {
                writeln!(f, "\n\t\t# {next}")?;
                heading = next;
            }
            self.write_opening(f, opening)?;
        }
        f.write_str(TAIL)
    }

    fn write_opening(&self, f: &mut fmt::Formatter<'_>, opening: &Opening) -> fmt::Result {
        let Opening {
            source,
            protocol,
            ports,
            comment,
        } = opening;
        let protocol = protocol.name().to_lowercase();
        for sender in self.senders(source) {
            writeln!(f, "\t\t{sender}{protocol} dport {ports} accept {comment}")?;
        }
        Ok(())
    }

    /// The matches for a source, one for each family that it has.
    fn senders(&self, source: &Source) -> Vec<String> {
        match source {
            Source::World => vec![String::new()],
            Source::Nodes => from_set("", "nodes", &self.nodes),
            Source::Pods => match self.pods_by {
                PodsBy::CiliumInterface => {
                    from_set(&format!("iifname {CILIUM_INTERFACES} "), "pods", &self.pods)
                }
                PodsBy::Address => from_set("", "pods", &self.pods),
            },
            Source::Ranges { interface, ranges } => {
                let through = interface
                    .as_ref()
                    .map_or(String::new(), |name| format!("iifname {name} "));
                ranges
                    .families()
                    .map(|family| {
                        format!(
                            "{through}{} saddr {} ",
                            family.keyword(),
                            ranges.operand(family)
                        )
                    })
                    .collect()
            }
        }
    }
}

fn from_set(through: &str, name: &str, addresses: &AddressSet) -> Vec<String> {
    let sender = |family: Family| {
        format!(
            "{through}{} saddr @{name}{} ",
            family.keyword(),
            family.suffix()
        )
    };
    addresses.families().map(sender).collect()
}

fn heading_of(source: &Source) -> &'static str {
    match source {
        Source::World => "from anywhere",
        Source::Nodes => "from the cluster's nodes",
        Source::Pods => "from the cluster's pods",
        Source::Ranges { .. } => "from some addresses",
    }
}
