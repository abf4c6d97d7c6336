//! How many clusters run at a time: as many as keep the processors busy.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to run a cluster.
pub(super) struct Turn;

impl Turn {
    /// Waits for a free processor: a cluster spends about half of its time on
    /// one, and the other half waiting.
    pub(super) fn take() -> Self {
        let most = thread::available_parallelism().map_or(1, NonZero::get);
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = ENDED
            .wait_while(running, |running| *running >= most)
            .unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}
