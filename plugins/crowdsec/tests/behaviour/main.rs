//! What the plugin renders, and what the programs that read it say.

mod chains;
mod debian;
mod logs;
mod programs;
mod render;
mod step;
