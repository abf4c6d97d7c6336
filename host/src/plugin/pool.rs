//! Memory for the plugins of this binary that is kept from call to call, and cleared
//! between them.
//!
//! A render of a fleet makes thousands of calls, each in an instance of its own. To map
//! memory for each, to have its pages cleared one by one and to give it back cost a
//! tenth of a render. Only our own plugins get theirs from the pool: a stranger's may
//! have more of it, or other tables, than the pool has places for.

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Calls at the same time. Each has address space reserved, and memory once it is made.
const CALLS: u32 = 512;
/// Core modules that a component is made of, at the most, with wit-component's own.
const MODULES: u32 = 8;
/// Bytes that stay when a call ends; more is given back.
const KEPT_BYTES: usize = 2 << 20;

/// The same settings, but for where memory is from.
pub(super) fn pooled(mut config: Config) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS)
        .total_core_instances(CALLS * MODULES)
        .total_memories(CALLS)
        .total_tables(CALLS * MODULES)
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(KEPT_BYTES)
        // Without it, everything up to the limit is cleared, touched or not.
        .pagemap_scan(Enabled::Auto);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}
