//! The chain for what passes through the node. See `nft/forward.rs` for what
//! it says.

use std::fmt;

use super::{FORWARD, RECEIVER, Rules, SENDER, combined};
use crate::route::{End as Opener, Local, Route};

impl Rules<'_> {
    /// Writes the chain. After the routes, tunnels lead nowhere.
    pub(super) fn write_forward(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "-A {FORWARD} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"
        )?;
        for route in &self.firewall.routes {
            self.write_route(f, route)?;
        }
        for tunnel in self.firewall.tunnels() {
            for end in [&SENDER, &RECEIVER] {
                writeln!(f, "-A {FORWARD} {} {tunnel} -j DROP", end.interface)?;
            }
        }
        for end in [&SENDER, &RECEIVER] {
            for pods in self.pods_at(end) {
                writeln!(f, "-A {FORWARD} {pods} -j RETURN")?;
            }
        }
        self.write_tail(f, FORWARD, "forward")
    }

    fn write_route(&self, f: &mut fmt::Formatter<'_>, route: &Route) -> fmt::Result {
        let (far, near) = match route.opener {
            Opener::Remote => (&SENDER, &RECEIVER),
            Opener::Local => (&RECEIVER, &SENDER),
        };
        let tunnel = format!("{} {}", far.interface, route.interface);
        let remote = combined(&[tunnel], &self.addresses(&route.remote, far));
        let local = match &route.local {
            Local::Pods => self.pods_at(near),
            Local::Networks(networks) => self.addresses(networks, near),
        };
        for ends in combined(&remote, &local) {
            let comment = &route.comment;
            writeln!(
                f,
                "-A {FORWARD} {ends} -m comment --comment {comment} -j RETURN"
            )?;
        }
        Ok(())
    }
}
