//! What calls used, to be set beside what they may use.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The most that any call of a plugin used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Units of work.
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory: usize,
}

/// Where the calls of a plugin, from any thread, leave what they used.
#[derive(Debug, Default)]
pub(super) struct Meter {
    fuel: AtomicU64,
    memory: AtomicUsize,
}

impl Meter {
    pub(super) fn record(&self, fuel: u64, memory: usize) {
        self.fuel.fetch_max(fuel, Ordering::Relaxed);
        self.memory.fetch_max(memory, Ordering::Relaxed);
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            fuel: self.fuel.load(Ordering::Relaxed),
            memory: self.memory.load(Ordering::Relaxed),
        }
    }
}
