//! One rule a file, with its text beside it, in folders by what the rule looks
//! at. [`ALL`] is sorted by code.

mod dns;
mod gateway;
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
    network::audit_mode::RULE,
    network::authentication_off::RULE,
    gateway::cert_manager_blind::RULE,
    network::unsupported_cilium::RULE,
    peers::dead_range::RULE,
    peers::default_service_account::RULE,
    shape::deny_isolates::RULE,
    dns::unasked::RULE,
    dns::unanswered::RULE,
    dns::one_transport::RULE,
    dns::shadowed::RULE,
    dns::wide_lookup::RULE,
    network::encryption_not_enabled::RULE,
    modes::enforce_without_cni::RULE,
    reach::flux_closed::RULE,
    selection::foreign_namespace::RULE,
    dns::name_inside_cluster::RULE,
    dns::one_label::RULE,
    dns::wide_name::RULE,
    dns::unwatched::RULE,
    gateway::bundle_unsuited::RULE,
    gateway::gateway_off::RULE,
    gateway::gateway_refused::RULE,
    reach::half_flow::RULE,
    requests::empty::RULE,
    requests::path::RULE,
    requests::unknown_key::RULE,
    gateway::http01_unreachable::RULE,
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
    network::overlapping_ranges::RULE,
    shape::removed_rule::RULE,
    gateway::reserved_name::RULE,
    gateway::route_host::RULE,
    gateway::route_unattached::RULE,
    selection::selects_nothing::RULE,
    peers::service_port::RULE,
    network::tunnel_closed::RULE,
    selection::unknown_label::RULE,
    modes::unlabelled_namespace::RULE,
    network::visibility_annotation::RULE,
    network::client_routes::RULE,
    peers::wide_entity::RULE,
    peers::wide_range::RULE,
    gateway::wildcard_by_http01::RULE,
];

#[cfg(test)]
mod tests;
