//! A VPN for devices: one node is the hub, everybody else a device.

mod client;
mod facts;
pub(crate) mod node;
mod peer;
mod reach;
mod tunnel;

pub(crate) use client::files as client_files;
pub(crate) use facts::state;
pub(crate) use tunnel::Tunnel;
