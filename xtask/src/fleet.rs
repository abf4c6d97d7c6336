//! A stack of many clusters: three regions, three waves, sites with a warehouse and
//! sites with a storefront, an app on some of them, one file a cluster.
//!
//! Enters: how many. Leaves: the stack's files, the same ones every time. About 40
//! objects and 12 host files come out of each cluster. A third of them have addresses,
//! names, labels, paths or keys that no other cluster has; the rest is what sites of
//! one kind have in common. That stands in `stack.yaml`, as somebody would write it by
//! hand.

mod cluster;
mod shared;

use std::fs;
use std::io;
use std::path::Path;

/// Writes a stack of that many clusters.
pub(crate) fn write(directory: &Path, clusters: usize) -> io::Result<()> {
    fs::create_dir_all(directory.join("apps"))?;
    fs::create_dir_all(directory.join("clusters"))?;
    fs::write(directory.join("stack.yaml"), shared::STACK)?;
    write_app(directory, shared::SUPPLIERS_PORT)?;
    (0..clusters).try_for_each(|number| write_cluster(directory, number, cluster::OFFICE_PORT))
}

/// Writes the file of the app, whose suppliers are reached on that port.
pub(crate) fn write_app(directory: &Path, port: usize) -> io::Result<()> {
    fs::write(directory.join("apps/suppliers.yaml"), shared::app(port))
}

/// Writes the file of one cluster, whose office is reached on that port.
pub(crate) fn write_cluster(directory: &Path, number: usize, port: usize) -> io::Result<()> {
    let path = directory.join(format!("clusters/{}.yaml", cluster::name(number)));
    fs::write(path, cluster::file(number, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is committed under `stacks/fleet` is what the generator writes.
    #[test]
    fn the_committed_fleet_is_the_generated_one() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/fleet");
        let generated = tempfile::tempdir().expect("there is room for a directory");
        write(generated.path(), 6).expect("there is room for a stack");
        for folder in ["apps", "clusters"] {
            for file in fs::read_dir(committed.join(folder)).expect("the fleet is committed") {
                let name = Path::new(folder).join(file.expect("it can be read").file_name());
                same(&committed, generated.path(), &name);
            }
        }
        same(&committed, generated.path(), Path::new("stack.yaml"));
    }

    fn same(committed: &Path, generated: &Path, name: &Path) {
        let read = |root: &Path| fs::read_to_string(root.join(name)).ok();
        assert_eq!(
            read(committed),
            read(generated),
            "{}: `cargo xtask fleet --clusters 6 --out stacks/fleet`",
            name.display()
        );
    }
}
