//! What the plugin does, one behaviour a test.

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
