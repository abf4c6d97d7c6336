//! What the plugin does, one behaviour a test.

#![allow(
    clippy::needless_pass_by_value,
    reason = "tests write their JSON on the spot"
)]

mod admission;
mod authentication;
mod baseline;
mod bootstrap;
mod coherence;
mod description;
mod dns;
mod enforce;
mod flows;
mod flows_refused;
mod guardrails;
mod host_ports;
mod install;
mod known_values;
mod modes;
mod monitoring;
mod names;
mod needs;
mod network_policy;
mod nodes_and_messages;
mod overlap;
mod probes;
mod requests;
mod stack;
mod values;
