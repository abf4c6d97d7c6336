//! Memory for the plugins of this binary that is kept from call to call, and cleared
//! between them.
//!
//! A render of a fleet makes thousands of calls, each in an instance of its own. To map
//! memory for each, to have its pages cleared one by one and to give it back cost a
//! tenth of a render. Only our own plugins get theirs from the pool: a stranger's may
//! have more of it, or other tables, than the pool has places for.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::engine_config::engine_config;

/// Components that a thread may have had: a place that had the same one before is
/// cheaper. Each reserves the address space of a 32-bit memory.
const COMPONENTS_PER_THREAD: usize = 8;
/// Components in use by other threads than those that render.
const OTHERS: usize = 8;
/// What our components consist of, at the most; one that does not fit is refused when it
/// is loaded.
const MODULES: u32 = 4;
const MEMORIES: u32 = 1;
const TABLES: u32 = 2;
const TABLE_ELEMENTS: usize = 4096;
/// Bytes of a memory that stay when a call ends; more is given back.
const KEPT_BYTES: usize = 2 << 20;

/// An engine whose instances have their memory from a pool; none where the system does
/// not tell which pages a call has touched (Linux before 6.7), as clearing the others
/// too costs what the pool saves, and none where it has no room for the pool.
pub(super) fn pooling_engine() -> Option<Engine> {
    if !PoolingAllocationConfig::is_pagemap_scan_available() {
        return None;
    }
    let calls = rayon::current_num_threads() * COMPONENTS_PER_THREAD + OTHERS;
    let engine = Engine::new(&pooled(engine_config(), u32::try_from(calls).ok()?));
    engine
        .inspect_err(|error| tracing::debug!(%error, "plugins have fresh memory for each call"))
        .ok()
}

/// The same settings, but for where memory is from.
fn pooled(mut config: Config, calls: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls * MODULES)
        .total_memories(calls * MEMORIES)
        .total_tables(calls * TABLES)
        .max_core_instances_per_component(MODULES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(KEPT_BYTES)
        .pagemap_scan(Enabled::Auto);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

#[cfg(test)]
mod tests {
    use wasmtime::Store;
    use wasmtime::component::Linker;

    use super::*;
    use crate::plugin::first_party;

    #[test]
    fn every_plugin_of_the_binary_fits_as_often_as_is_promised() {
        const CALLS: u32 = 5;
        let engine = Engine::new(&pooled(engine_config(), CALLS)).unwrap();
        for embedded in first_party() {
            let component = embedded.component(&engine).unwrap();
            let mut linker = Linker::new(&engine);
            linker.define_unknown_imports_as_traps(&component).unwrap();
            let instantiate = || {
                let mut store = Store::new(&engine, ());
                store.set_fuel(1 << 20).unwrap();
                store.set_epoch_deadline(1);
                linker.instantiate(&mut store, &component).map(|_| store)
            };
            let at_once: Vec<Store<()>> = (0..CALLS).map(|_| instantiate().unwrap()).collect();
            assert!(instantiate().is_err(), "the pool has more places");
            drop(at_once);
            instantiate().unwrap();
        }
    }
}
