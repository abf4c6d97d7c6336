//! A VPN between nodes: every member speaks to every other directly.

mod facts;
mod member;
mod network;

pub(crate) use facts::state;
pub(crate) use network::MeshNetwork;
