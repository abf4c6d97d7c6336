//! What the plugin renders and states, and what the programs that read it say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod apiserver;
mod flags;
mod install;
mod membership;
mod ports;
mod render;
mod step;
mod support;
