//! `ztgit compile-component`, which ztgit calls itself: a component on standard
//! input, its compiled code on standard output, under limits of this process.

use crate::context::Context;
use crate::error::{Exit, chain};
use crate::plugin::{REFUSED, compile_bounded};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Bytes on standard input
    bytes: usize,
}

pub(crate) fn run(context: &Context, args: &Args) -> Exit {
    match compile_bounded(args.bytes) {
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
