//! What the engine of `ztgit drift cluster` says of a cluster, with commits read
//! from a work tree.

use std::collections::BTreeMap;

pub use ztgit_cluster::Mode;
use ztgit_cluster::report::{ClusterReport, FleetReport};
use ztgit_cluster::{
    Access, Desired, DesiredObject, Options, Revision, Target, UnitName, Verification,
};

use crate::rendered::{RenderedObject, Tree};
use crate::world::World;

/// Compares the cluster with what its user has pushed.
pub fn drift(world: &World, mode: Mode) -> ClusterReport {
    let target = Target {
        name: world.name().to_owned(),
        access: Access::Kubeconfig {
            files: vec![world.cluster().kubeconfig().to_owned()],
            context: None,
        },
        verification: Verification::AsConfigured,
    };
    let options = Options {
        mode,
        ..Options::default()
    };
    let read = |cluster: &str, revision: &Revision| Ok(read(world, cluster, revision));
    let runtime = ztgit_cluster::runtime().expect("there are threads");
    let report = runtime.block_on(ztgit_cluster::drift(&[target], &options, &read));
    only(report)
}

fn only(report: FleetReport) -> ClusterReport {
    let mut clusters = report.clusters.into_iter();
    clusters.next().expect("there is one for each target")
}

fn read(world: &World, cluster: &str, revision: &Revision) -> Desired {
    let commit = revision.commit().expect("Flux pulls commits").to_owned();
    let tree = Tree::read(&world.user().fleet_at(&commit), cluster);
    let newest = world.user().head();
    let mut objects: BTreeMap<UnitName, Vec<DesiredObject>> = BTreeMap::new();
    for unit in &tree.units {
        objects.insert(name(&unit.id.name), Vec::new());
    }
    for object in &tree.objects {
        let of_unit = objects.get_mut(&name(&object.unit));
        of_unit.expect("it has this unit").push(desired(object));
    }
    Desired {
        newer: (newest != commit).then_some(newest),
        commit,
        folder: format!("clusters/{cluster}/ztgit"),
        units: tree.units.iter().map(desired).collect(),
        objects,
    }
}

fn name(unit: &str) -> UnitName {
    UnitName {
        namespace: crate::cluster::FLUX.to_owned(),
        name: unit.to_owned(),
    }
}

fn desired(rendered: &RenderedObject) -> DesiredObject {
    DesiredObject {
        file: rendered.file.display().to_string(),
        object: serde_saphyr::from_str(&rendered.text).expect("it was read before"),
    }
}
