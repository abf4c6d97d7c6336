//! The chain for what is meant for the node itself.

use std::fmt;

use super::{End, INPUT, Rules, SENDER, combined};
use crate::address_set::Family;
use crate::firewall::{CILIUM_PROXY, PodsBy};
use crate::opening::{Opening, SSH, Source};

const ICMP: [&str; 4] = [
    "destination-unreachable",
    "echo-request",
    "parameter-problem",
    "time-exceeded",
];
const ICMPV6: [&str; 5] = [
    "destination-unreachable",
    "echo-request",
    "packet-too-big",
    "parameter-problem",
    "time-exceeded",
];
/// Without these, IPv6 has neither neighbours nor routers; 130 is the query for
/// listeners, which has no name here.
const NEIGHBOURS: [&str; 5] = [
    "130",
    "neighbour-advertisement",
    "neighbour-solicitation",
    "router-advertisement",
    "router-solicitation",
];
/// Without this, `DHCPv6` gives no addresses.
const DHCPV6: &str = "-s fe80::/10 -p udp -m udp --sport 547 --dport 546";

impl Rules<'_> {
    /// Writes the chain.
    pub(super) fn write_input(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "-A {INPUT} -i lo -j RETURN")?;
        if self.firewall.pods_by == PodsBy::CiliumInterface {
            let (mark, of) = CILIUM_PROXY;
            writeln!(f, "-A {INPUT} -m mark --mark {mark:#x}/{of:#x} -j RETURN")?;
        }
        writeln!(
            f,
            "-A {INPUT} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN\n\
             -A {INPUT} -m conntrack --ctstate INVALID -j DROP"
        )?;
        self.write_limits(f)?;
        self.write_icmp(f)?;
        for opening in &self.firewall.openings {
            self.write_opening(f, opening)?;
        }
        self.write_tail(f, INPUT, "input")
    }

    fn write_limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.firewall.limits;
        if let rate @ 1.. = limits.ping_per_second {
            let echo_request = self.icmp("echo-request");
            writeln!(
                f,
                "-A {INPUT} {echo_request} -m hashlimit --hashlimit-name ztgit-ping \
                 --hashlimit-above {rate}/second -j DROP"
            )?;
        }
        if let rate @ 1.. = limits.ssh_per_minute {
            writeln!(
                f,
                "-A {INPUT} -p tcp -m tcp --dport {SSH} -m conntrack --ctstate NEW \
                 -m hashlimit --hashlimit-name ztgit-ssh --hashlimit-mode srcip \
                 --hashlimit-above {rate}/minute --hashlimit-burst {rate} -j DROP"
            )?;
        }
        Ok(())
    }

    fn write_icmp(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<&str> = match self.family {
            Family::V4 => ICMP.to_vec(),
            Family::V6 => ICMPV6.into_iter().chain(NEIGHBOURS).collect(),
        };
        for message in types {
            writeln!(f, "-A {INPUT} {} -j RETURN", self.icmp(message))?;
        }
        if self.family == Family::V6 {
            writeln!(f, "-A {INPUT} {DHCPV6} -j RETURN")?;
        }
        Ok(())
    }

    fn icmp(&self, message: &str) -> String {
        match self.family {
            Family::V4 => format!("-p icmp -m icmp --icmp-type {message}"),
            Family::V6 => format!("-p ipv6-icmp -m icmp6 --icmpv6-type {message}"),
        }
    }

    fn write_opening(&self, f: &mut fmt::Formatter<'_>, opening: &Opening) -> fmt::Result {
        let protocol = opening.protocol.name().to_lowercase();
        let ports = opening.ports.text(':');
        for sender in self.senders(&opening.source) {
            writeln!(
                f,
                "-A {INPUT} {sender}-p {protocol} -m {protocol} --dport {ports} \
                 -m comment --comment {} -j RETURN",
                opening.comment
            )?;
        }
        Ok(())
    }

    /// The matches for a source.
    fn senders(&self, source: &Source) -> Vec<String> {
        let firewall = self.firewall;
        let from = |set| self.addresses(set, &SENDER);
        let senders = match source {
            Source::World => return vec![String::new()],
            Source::Nodes => from(&firewall.nodes),
            Source::Admins => from(&firewall.admins),
            Source::Pods => match firewall.pods_by {
                PodsBy::CiliumInterface => combined(&self.pods_at(&SENDER), &from(&firewall.pods)),
                PodsBy::Address => from(&firewall.pods),
            },
            Source::Ranges { interface, ranges } => match interface {
                Some(name) => {
                    let End { interface, .. } = SENDER;
                    combined(&[format!("{interface} {name}")], &from(ranges))
                }
                None => from(ranges),
            },
        };
        let with_space = |sender: String| sender + " ";
        senders.into_iter().map(with_space).collect()
    }
}
