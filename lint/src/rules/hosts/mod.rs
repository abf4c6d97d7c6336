//! Files of nodes and clients, and what gets past a node's firewall.

pub(super) mod api_server_closed;
pub(super) mod bouncer_config;
pub(super) mod bouncer_not_first;
pub(super) mod crowdsec_bans_vpn;
pub(super) mod crowdsec_unread;
pub(super) mod default_drop;
pub(super) mod exposed_service;
pub(super) mod host_port_open;
pub(super) mod ingress_nginx;
pub(super) mod k3s_ingress;
pub(super) mod ruleset_flushed;
pub(super) mod ssh_by_vpn;
pub(super) mod vpn_certificate;
pub(super) mod wireguard_default_route;
pub(super) mod wireguard_key;
pub(super) mod wireguard_peers;
pub(super) mod wireguard_port;

#[cfg(test)]
mod fixtures;
