//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range that the kernel takes ports for outgoing connections from,
/// so that nothing is in the way between the look and the use.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on, and that no other call gives.
pub(crate) fn free_port() -> u16 {
    // Runs side by side begin at different places.
    let own = u16::try_from(process::id() % u32::from(COUNT)).expect("a remainder is smaller");
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (own.wrapping_mul(37).wrapping_add(step)) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
