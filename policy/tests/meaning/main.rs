//! What policies mean: cases, laws, and Cilium's own engine.

mod cases;
mod engine;
mod generate;
mod laws;
