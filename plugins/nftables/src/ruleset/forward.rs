//! The chain for what passes through the node.
//!
//! Between pods and the rest of the world the CNI's policy decides. Only
//! tunnels are kept apart: they were opened for ports of the node, and lead to
//! pods, or pods to whoever is behind them, only where a fact says so.

use std::collections::BTreeSet;
use std::fmt;

use super::{CILIUM_INTERFACES, PodsBy, Ruleset};
use crate::address_set::Family;
use crate::interface::Interface;
use crate::pod_route::PodRoute;

const TAIL: &str = "
		limit rate 6/minute burst 10 packets log prefix \"ztgit-drop-forward \" level info
	}
";

/// One end of a forwarded packet, as two ways to match it.
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

impl Ruleset<'_> {
    /// Writes the chain.
    pub(super) fn write_forward(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let priority = self.priority;
        write!(
            f,
            "	chain forward {{
		type filter hook forward priority {priority}; policy drop;

		ct state established,related accept
		# What else comes from pods or goes to them, the network policy judges.
"
        )?;
        for route in &self.routes {
            self.write_route(f, route)?;
        }
        let tunnels = self.tunnels();
        for (pods, other) in [(&SENDER, &RECEIVER), (&RECEIVER, &SENDER)] {
            let elsewhere = not_through(other, &tunnels);
            for pods in self.pods_at(pods) {
                writeln!(f, "\t\t{pods}{elsewhere} accept")?;
            }
        }
        f.write_str(TAIL)
    }

    fn write_route(&self, f: &mut fmt::Formatter<'_>, route: &PodRoute) -> fmt::Result {
        let PodRoute {
            interface,
            ranges,
            comment,
        } = route;
        for family in ranges.families().filter(|family| self.pods.has(*family)) {
            let sender = format!("{} saddr {}", family.keyword(), ranges.operand(family));
            let pods = self.pods_of(family, &RECEIVER);
            writeln!(
                f,
                "\t\tiifname {interface} {sender} {pods} accept {comment}"
            )?;
        }
        Ok(())
    }

    /// The matches for pods at one end, whatever their family.
    fn pods_at(&self, end: &End) -> BTreeSet<String> {
        self.pods
            .families()
            .map(|family| self.pods_of(family, end))
            .collect()
    }

    fn pods_of(&self, family: Family, end: &End) -> String {
        match self.pods_by {
            PodsBy::CiliumInterface => format!("{} {CILIUM_INTERFACES}", end.interface),
            PodsBy::Address => {
                format!(
                    "{} {} @pods{}",
                    family.keyword(),
                    end.address,
                    family.suffix()
                )
            }
        }
    }
}

fn not_through(end: &End, tunnels: &BTreeSet<&Interface>) -> String {
    let names: Vec<_> = tunnels.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!(" {} != {name}", end.interface),
        names => format!(" {} != {{ {} }}", end.interface, names.join(", ")),
    }
}
