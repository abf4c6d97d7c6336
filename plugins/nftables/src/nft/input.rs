//! The chain for what is meant for the node itself.

use std::fmt;

use super::{Ruleset, SENDER, write_tail};
use crate::address_set::{AddressSet, Family};
use crate::firewall::{CILIUM_PROXY, PodsBy};
use crate::opening::{Opening, SSH, Source};

const BASICS: &str = "		ct state established,related accept
		ct state invalid drop
";

const ICMP: &str = "		icmp type { destination-unreachable, echo-request, parameter-problem, time-exceeded } accept
		icmpv6 type { destination-unreachable, echo-request, packet-too-big, parameter-problem, time-exceeded } accept
		# Without these, IPv6 has neither neighbours nor routers nor, by DHCPv6, addresses.
		icmpv6 type { mld-listener-query, nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit } accept
		ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
";

impl Ruleset<'_> {
    /// Writes the sets that remember who opened connections of late.
    pub(super) fn write_meters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.limits.ssh_per_minute == 0 {
            return Ok(());
        }
        for family in Family::ALL {
            let version = family.suffix();
            writeln!(
                f,
                "	set ssh{version} {{
		type ipv{version}_addr
		size 65535
		flags dynamic,timeout
		timeout 5m
	}}
"
            )?;
        }
        Ok(())
    }

    /// Writes the chain.
    pub(super) fn write_input(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let priority = self.0.priority;
        write!(
            f,
            "	chain input {{
		# The CrowdSec bouncer of Debian 12 has its chain at `filter` itself, and of
		# two chains at one priority it is not defined which goes first.
		type filter hook input priority {priority}; policy drop;

		iifname \"lo\" accept
"
        )?;
        if self.0.pods_by == PodsBy::CiliumInterface {
            write_proxy(f)?;
        }
        f.write_str(BASICS)?;
        self.write_limits(f)?;
        f.write_str(ICMP)?;
        let mut heading = "";
        for opening in &self.0.openings {
            let next = heading_of(&opening.source);
            if next != heading {
                writeln!(f, "\n\t\t# {next}")?;
                heading = next;
            }
            self.write_opening(f, opening)?;
        }
        write_tail(f, self.0.log, "input")?;
        writeln!(f)
    }

    /// What is too much goes before anything is let in.
    fn write_limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.0.limits;
        if let rate @ 1.. = limits.ping_per_second {
            writeln!(
                f,
                "\t\ticmp type echo-request limit rate over {rate}/second drop\n\
                 \t\ticmpv6 type echo-request limit rate over {rate}/second drop"
            )?;
        }
        if let rate @ 1.. = limits.ssh_per_minute {
            for family in Family::ALL {
                let (keyword, version) = (family.keyword(), family.suffix());
                writeln!(
                    f,
                    "\t\ttcp dport {SSH} ct state new add @ssh{version} \
                     {{ {keyword} saddr limit rate over {rate}/minute burst {rate} packets }} drop"
                )?;
            }
        }
        Ok(())
    }

    fn write_opening(&self, f: &mut fmt::Formatter<'_>, opening: &Opening) -> fmt::Result {
        let Opening {
            source, comment, ..
        } = opening;
        let protocol = opening.protocol.name().to_lowercase();
        let ports = opening.ports.text('-');
        for sender in self.senders(source) {
            writeln!(
                f,
                "\t\t{sender}{protocol} dport {ports} accept comment {comment}"
            )?;
        }
        Ok(())
    }

    /// The matches for a source, one for each family that it has.
    fn senders(&self, source: &Source) -> Vec<String> {
        match source {
            Source::World => vec![String::new()],
            Source::Nodes => from_set("", "nodes", &self.0.nodes),
            Source::Admins => from_set("", "admins", &self.0.admins),
            Source::Pods => match self.0.pods_by {
                PodsBy::CiliumInterface => {
                    let interfaces = self.pods_of(Family::V4, &SENDER);
                    from_set(&format!("{interfaces} "), "pods", &self.0.pods)
                }
                PodsBy::Address => from_set("", "pods", &self.0.pods),
            },
            Source::Ranges { interface, ranges } => {
                let through = interface
                    .as_ref()
                    .map_or(String::new(), |name| format!("iifname \"{name}\" "));
                let sender = |family: Family| {
                    let (keyword, ranges) = (family.keyword(), ranges.operand(family));
                    format!("{through}{keyword} saddr {ranges} ")
                };
                ranges.families().map(sender).collect()
            }
        }
    }
}

/// An accept elsewhere, such as Cilium's own for this mark, does not undo a
/// drop here.
fn write_proxy(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mark, of) = CILIUM_PROXY;
    writeln!(
        f,
        "\t\t# On its way to Cilium's proxy, which judges DNS, HTTP and Gateway traffic.\n\
         \t\tmeta mark & {of:#010x} == {mark:#010x} accept"
    )
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
        Source::Admins => "from administrators",
        Source::Ranges { .. } => "from some addresses",
    }
}
