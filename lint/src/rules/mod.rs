//! One rule a file, with its text beside it, in folders by what the rule looks
//! at. [`ALL`] is sorted by code.

mod dns;
mod fleet;
mod gateway;
mod hosts;
mod modes;
mod network;
mod peers;
mod reach;
mod requests;
mod selection;
mod shape;

use crate::rule::Rule;

/// Every rule.
pub(crate) const ALL: &[Rule] = &[
    hosts::api_server_closed::RULE,
    network::audit_mode::RULE,
    network::authentication_off::RULE,
    hosts::bouncer_config::RULE,
    hosts::bouncer_not_first::RULE,
    gateway::cert_manager_blind::RULE,
    reach::cert_manager_closed::RULE,
    network::unsupported_cilium::RULE,
    fleet::contested_host::RULE,
    hosts::crowdsec_bans_vpn::RULE,
    hosts::crowdsec_unread::RULE,
    peers::dead_range::RULE,
    hosts::default_drop::RULE,
    peers::default_service_account::RULE,
    shape::deny_isolates::RULE,
    dns::unasked::RULE,
    dns::unanswered::RULE,
    dns::one_transport::RULE,
    dns::shadowed::RULE,
    dns::wide_lookup::RULE,
    network::encryption_not_enabled::RULE,
    modes::enforce_without_cni::RULE,
    hosts::exposed_service::RULE,
    fleet::floating_version::RULE,
    reach::flux_closed::RULE,
    selection::foreign_namespace::RULE,
    dns::name_inside_cluster::RULE,
    dns::one_label::RULE,
    dns::wide_name::RULE,
    dns::unwatched::RULE,
    gateway::bundle_unsuited::RULE,
    reach::gateway_closed::RULE,
    gateway::gateway_off::RULE,
    gateway::gateway_refused::RULE,
    reach::half_flow::RULE,
    hosts::host_port_open::RULE,
    requests::empty::RULE,
    requests::path::RULE,
    requests::unknown_key::RULE,
    gateway::http01_unreachable::RULE,
    hosts::ingress_nginx::RULE,
    hosts::k3s_ingress::RULE,
    requests::not_http::RULE,
    requests::place::RULE,
    requests::port::RULE,
    requests::shadowed::RULE,
    gateway::listener_certificate::RULE,
    gateway::listener_twice::RULE,
    gateway::listener_unused::RULE,
    reach::metadata_open::RULE,
    shape::mixed_rule::RULE,
    dns::search_list::RULE,
    gateway::no_address_pool::RULE,
    network::uncounted_drops::RULE,
    peers::no_peer::RULE,
    gateway::no_redirect::RULE,
    gateway::reference_grant::RULE,
    shape::no_section::RULE,
    gateway::no_staging::RULE,
    network::node_encryption_idle::RULE,
    peers::one_family::RULE,
    selection::peer_elsewhere::RULE,
    shape::refused::RULE,
    modes::premature_deny::RULE,
    gateway::privileged_port::RULE,
    fleet::prunable_network::RULE,
    network::overlapping_ranges::RULE,
    shape::removed_rule::RULE,
    gateway::reserved_name::RULE,
    gateway::route_host::RULE,
    gateway::route_unattached::RULE,
    hosts::ruleset_flushed::RULE,
    selection::selects_nothing::RULE,
    peers::service_port::RULE,
    hosts::ssh_by_vpn::RULE,
    fleet::substituted_text::RULE,
    network::tunnel_closed::RULE,
    selection::unknown_label::RULE,
    modes::unlabelled_namespace::RULE,
    network::visibility_annotation::RULE,
    hosts::vpn_certificate::RULE,
    network::client_routes::RULE,
    peers::wide_entity::RULE,
    peers::wide_range::RULE,
    gateway::wildcard_by_http01::RULE,
    hosts::wireguard_default_route::RULE,
    hosts::wireguard_key::RULE,
    hosts::wireguard_peers::RULE,
    hosts::wireguard_port::RULE,
];

#[cfg(test)]
mod tests;
