//! The chain for what passes through the node.
//!
//! Between pods and the rest of the world the CNI's policy decides. Only
//! tunnels are kept apart: they were opened for ports of the node, and lead to
//! pods and networks, or these to whoever is behind them, only where a fact
//! says so.

use std::collections::BTreeSet;
use std::fmt;

use super::{RECEIVER, Ruleset, SENDER, write_tail};
use crate::address_set::{AddressSet, Family};
use crate::interface::Interface;
use crate::nft::End;
use crate::route::{End as Opener, Local, Route};

impl Ruleset<'_> {
    /// Writes the chain.
    pub(super) fn write_forward(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let priority = self.0.priority;
        write!(
            f,
            "	chain forward {{
		type filter hook forward priority {priority}; policy drop;

		ct state established,related accept
		# What else comes from pods or goes to them, the network policy judges.
"
        )?;
        for route in &self.0.routes {
            self.write_route(f, route)?;
        }
        let tunnels = self.0.tunnels();
        for (pods, other) in [(&SENDER, &RECEIVER), (&RECEIVER, &SENDER)] {
            let elsewhere = not_through(other, &tunnels);
            for pods in self.pods_at(pods) {
                writeln!(f, "\t\t{pods}{elsewhere} accept")?;
            }
        }
        write_tail(f, self.0.log, "forward")
    }

    fn write_route(&self, f: &mut fmt::Formatter<'_>, route: &Route) -> fmt::Result {
        let Route {
            interface,
            remote,
            comment,
            ..
        } = route;
        let (far, near) = match route.opener {
            Opener::Remote => (&SENDER, &RECEIVER),
            Opener::Local => (&RECEIVER, &SENDER),
        };
        for family in remote.families() {
            let Some(local) = self.local_of(&route.local, family, near) else {
                continue;
            };
            let remote = addresses(remote, family, far);
            writeln!(
                f,
                "\t\t{} \"{interface}\" {remote} {local} accept comment {comment}",
                far.interface
            )?;
        }
        Ok(())
    }

    /// The match for the near end; none where it has no address of the family.
    fn local_of(&self, local: &Local, family: Family, end: &End) -> Option<String> {
        match local {
            Local::Pods => (self.0.pods.has(family)).then(|| self.pods_of(family, end)),
            Local::Networks(networks) => networks
                .has(family)
                .then(|| addresses(networks, family, end)),
        }
    }

    /// The matches for pods at one end, whatever their family.
    fn pods_at(&self, end: &End) -> BTreeSet<String> {
        self.0
            .pods
            .families()
            .map(|family| self.pods_of(family, end))
            .collect()
    }
}

fn addresses(set: &AddressSet, family: Family, end: &End) -> String {
    let operand = set.operand(family);
    format!("{} {} {operand}", family.keyword(), end.address)
}

fn not_through(end: &End, tunnels: &BTreeSet<&Interface>) -> String {
    let names: Vec<_> = tunnels.iter().map(|name| format!("\"{name}\"")).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!(" {} != {name}", end.interface),
        names => format!(" {} != {{ {} }}", end.interface, names.join(", ")),
    }
}
