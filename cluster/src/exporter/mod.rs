//! Comparing again and again, with the result as Prometheus metrics.
//!
//! Enters: a way to compare once, an interval, a socket to listen on and a
//! clock. Leaves: when the process is told to stop. Invariant: what a scrape
//! sees is always one whole comparison, never half of one.

mod metrics;
mod server;
mod stop;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::sync::watch;
use tokio::task::{self, JoinError};
use tokio::time::{self, Instant};

use crate::fleet::runtime;
use crate::report::FleetReport;
use metrics::{Metrics, Round};
use stop::Stop;

/// Where seconds since 1970 come from.
pub type Clock = fn() -> i64;

/// When to compare, and where the result is served.
#[derive(Debug)]
pub struct Exporter {
    /// Where `/metrics` is served.
    pub listener: TcpListener,
    /// How long from the beginning of a comparison to that of the next; where
    /// one takes longer, this is the pause after it.
    pub interval: Duration,
    /// For the time at which a comparison ended.
    pub clock: Clock,
}

impl Exporter {
    /// Compares until the process gets SIGTERM or SIGINT, the first time at
    /// once. What `prepare` does may block, and is not waited for when it is
    /// time to stop; what it gives goes to `compare`.
    pub fn run<P: Send + 'static>(
        self,
        prepare: impl Fn() -> P + Clone + Send + 'static,
        compare: impl AsyncFnMut(P) -> FleetReport,
    ) -> io::Result<()> {
        let runtime = runtime()?;
        let result = runtime.block_on(self.rounds(prepare, compare));
        runtime.shutdown_background();
        result
    }

    async fn rounds<P: Send + 'static>(
        self,
        prepare: impl Fn() -> P + Clone + Send + 'static,
        mut compare: impl AsyncFnMut(P) -> FleetReport,
    ) -> io::Result<()> {
        let mut stop = Stop::listen()?;
        let mut metrics = Metrics::new();
        let (pages, page) = watch::channel(Arc::from(metrics.page()));
        server::start(self.listener, page)?;
        let mut next = Instant::now();
        loop {
            select! {
                () = stop.requested() => return Ok(()),
                () = time::sleep_until(next) => {}
            }
            let started = Instant::now();
            let round = async {
                let prepared = task::spawn_blocking(prepare.clone()).await?;
                Ok::<_, JoinError>(compare(prepared).await)
            };
            let report = select! {
                () = stop.requested() => return Ok(()),
                report = round => report?,
            };
            let (ended, took) = ((self.clock)(), started.elapsed());
            next = started + until_next(took, self.interval);
            metrics.record(&report, Round { ended, took });
            pages.send_replace(Arc::from(metrics.page()));
        }
    }
}

/// How long after the beginning of a comparison the next one begins.
fn until_next(took: Duration, interval: Duration) -> Duration {
    if took <= interval {
        interval
    } else {
        took + interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_that_takes_longer_than_the_interval_is_followed_by_a_pause() {
        let minutes = Duration::from_mins;
        assert_eq!(until_next(minutes(1), minutes(5)), minutes(5));
        assert_eq!(until_next(minutes(7), minutes(5)), minutes(12));
    }
}
