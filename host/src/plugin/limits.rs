//! What a call may use, and the watch over it.

use wasmtime::ResourceLimiter;

use super::error::Failure;

/// What one call of a plugin may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of work; about one an instruction. It decides how long a call may
    /// run, equally on every machine.
    pub fuel: u64,
    /// Bytes of linear memory, all memories of a component together.
    pub memory: usize,
    /// Entries of a table.
    pub table: usize,
    /// Bytes that may cross from guest to host in one call.
    pub output: usize,
    /// Bytes that the JSON of one answer may take once it is parsed.
    pub parsed: usize,
    /// Ticks of [`TICK_MILLISECONDS`] by the wall clock: the backstop for what
    /// fuel does not see. Far more than all the fuel takes, about a second for
    /// 10^9 units in a tight loop, so that fuel decides on a slow machine too.
    pub deadline_ticks: u64,
}

/// How often the clock of deadlines ticks.
pub(crate) const TICK_MILLISECONDS: u64 = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 10_000_000_000,
            memory: 256 << 20,
            table: 100_000,
            output: 128 << 20,
            parsed: 512 << 20,
            deadline_ticks: 600,
        }
    }
}

/// Refuses growth beyond the limits and remembers which one it was: the trap
/// that follows does not say.
#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    memory_in_use: usize,
    pub(crate) exceeded: Option<Failure>,
}

impl Watch {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory_in_use: 0,
            exceeded: None,
        }
    }

    /// Bytes of linear memory that the call has.
    pub(crate) fn memory(&self) -> usize {
        self.memory_in_use
    }
}

impl ResourceLimiter for Watch {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let in_use = self
            .memory_in_use
            .saturating_add(desired.saturating_sub(current));
        if in_use > self.limits.memory {
            self.exceeded = Some(Failure::Memory {
                limit: self.limits.memory,
            });
            wasmtime::bail!("memory limit");
        }
        self.memory_in_use = in_use;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.limits.table {
            self.exceeded = Some(Failure::Table {
                limit: self.limits.table,
            });
            wasmtime::bail!("table limit");
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}
