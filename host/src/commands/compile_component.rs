//! `ztgit compile-component`, which ztgit calls itself: a component on standard
//! input, its compiled code on standard output, under limits of this process.

use crate::context::Context;
use crate::error::{Exit, chain};
use crate::plugin::{REFUSED, compile_bounded};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Bytes on standard input
    bytes: usize,
    /// Seconds of CPU time that it may take
    seconds: u64,
    /// Bytes of memory that it may take
    memory: u64,
}

pub(crate) fn run(context: &Context, args: &Args) -> Exit {
    match compile_bounded(args.bytes, args.seconds, args.memory) {
        Ok(code) => {
            context.ui.write(&code);
            Exit::Clean
        }
        Err(reason) => {
            context.ui.note(&chain(&reason));
            debug_assert_eq!(Exit::Plugin.code(), REFUSED);
            Exit::Plugin
        }
    }
}
