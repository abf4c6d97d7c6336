//! What the plugin does, one behaviour a test.

#![allow(
    clippy::needless_pass_by_value,
    reason = "tests write their JSON on the spot"
)]

mod baseline;
mod bootstrap;
mod description;
mod enforce;
mod flows;
mod flows_refused;
mod host_ports;
mod install;
mod names;
mod stack;
mod values;
