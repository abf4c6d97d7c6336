//! What a plugin for ztgit is written against.
//!
//! A plugin is a pure function from a [`Cluster`], its own config and the
//! [`Facts`] that other plugins state to Kubernetes objects and host files.
//! Implement [`Plugin`], call [`export!`] once, build for
//! `wasm32-unknown-unknown` and turn the module into a component. The WIT in
//! `wit/plugin.wit` is the contract; everything here is convenience over it.
//!
//! - [`cluster`]: what a plugin is told of the cluster.
//! - [`fact`]: the standard facts, with their schemas.
//! - [`artifact`] and [`object`]: what it gives.
//! - [`diagnostic`]: what it has to say to the author of the stack.
//! - [`host_name`], [`net`], [`server`]: names, ranges and URLs as stacks have them.
//! - [`testing`]: running it natively in a test.

// The macros of wit-bindgen name this crate from outside as well as from within.
extern crate self as ztgit_plugin;

pub mod artifact;
pub mod cluster;
pub mod description;
pub mod diagnostic;
mod export;
pub mod fact;
#[cfg(target_arch = "wasm32")]
pub mod guest;
pub mod host_name;
mod log;
pub mod net;
pub mod object;
pub mod pointer;
pub mod server;
pub mod testing;
pub mod vendored;
pub mod yaml;

pub use artifact::{
    Activation, Artifact, Awaited, File, FileTarget, Health, Lifecycle, Manifest, Owner, Phase,
    Prune, Rendering,
};
pub use cluster::Cluster;
pub use description::{Cardinality, Description, Grants, ObjectSchema, ObjectScope};
pub use diagnostic::{Diagnostic, Place, Severity};
pub use fact::{Fact, FactScope, Facts, StandardFact, StatedFact, Statement};
pub use log::log;
pub use net::Cidr;
pub use object::Object;

/// A plugin: what it is, what it states, what it renders.
///
/// All three must be pure. The host calls each in an instance of its own.
pub trait Plugin {
    /// The plugin's section of a cluster's `config`. Its JSON Schema is what
    /// the stack is validated against; put `#[serde(deny_unknown_fields)]` on
    /// every struct so that typos are found, and a doc comment on every field:
    /// editors show it.
    type Config: serde::de::DeserializeOwned + schemars::JsonSchema;

    /// Name, version, facts, schemas, grants. The config's schema is added.
    fn describe() -> Description;

    /// What others may build on, from the cluster and the config alone.
    fn facts(cluster: &Cluster, config: &Self::Config) -> Statement {
        let _ = (cluster, config);
        Statement::default()
    }

    /// The objects and files of one cluster.
    fn render(cluster: &Cluster, config: &Self::Config, facts: &Facts) -> Rendering;
}

/// The JSON Schema of a plugin's config.
pub fn config_schema<P: Plugin>() -> serde_json::Value {
    schemars::schema_for!(P::Config).to_value()
}
