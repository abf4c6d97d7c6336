//! `ztgit drift cluster --watch`: the same again and again, as metrics.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use ztgit_cluster::exporter::Exporter;

use super::cluster::{self, Comparison};
use super::findings;
use crate::commands::options::duration;
use crate::context::Context;
use crate::error::{CommandError, Exit};

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "As an exporter")]
pub(super) struct Watch {
    /// Compare every so often until told to stop, and serve the result as
    /// Prometheus metrics
    #[arg(long, value_name = "TIME", value_parser = duration)]
    watch: Option<Duration>,
    /// Where `/metrics` is served
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9847",
        requires = "watch"
    )]
    listen: SocketAddr,
}

impl Watch {
    /// For a command that compares once.
    pub(super) fn never() -> Self {
        Self {
            watch: None,
            listen: ([127, 0, 0, 1], 0).into(),
        }
    }

    /// Whether it is to go on and on.
    pub(super) fn is_asked_for(&self) -> bool {
        self.watch.is_some()
    }
}

pub(super) fn run(context: &Context, args: &cluster::Args) -> Result<Exit, CommandError> {
    let interval = args.watch.watch.expect("the caller has looked");
    cluster::fetch(args)?;
    let comparison = Comparison::new(context, args)?;
    let failed = |error: io::Error| {
        let listen = args.watch.listen;
        CommandError::new(Exit::Incomplete, format!("cannot serve {listen}: {error}"))
    };
    let listener = TcpListener::bind(args.watch.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    context
        .ui
        .note(&format!("metrics are at http://{address}/metrics"));
    let exporter = Exporter {
        listener,
        interval,
        clock: context.environment.clock,
    };
    let fetched = args.clone();
    let fetch = move || cluster::fetch(&fetched);
    let compare = async |fetched: Result<(), CommandError>| {
        // What is not here any more will be unknown; what is here can be compared.
        if let Err(error) = fetched {
            context.ui.warn(&error.message);
        }
        let report = comparison.run().await;
        for cluster in &report.clusters {
            context.ui.line(&findings::summary(cluster));
        }
        report
    };
    exporter.run(fetch, compare).map_err(failed)?;
    Ok(Exit::Clean)
}
