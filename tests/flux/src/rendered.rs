//! The rendered tree of a cluster, read as Flux reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::api::ObjectId;

const INDEX: &str = "kustomization.yaml";

/// What the fleet repository has for a cluster.
pub struct Tree {
    /// Each unit with the units that it depends on.
    pub dependencies: BTreeMap<String, BTreeSet<String>>,
    /// The objects of all units.
    pub objects: Vec<RenderedObject>,
    /// Flux's own objects, one for each unit.
    pub units: Vec<RenderedObject>,
}

/// An object and where it stands.
pub struct RenderedObject {
    /// The unit that applies it.
    pub unit: String,
    /// What it is.
    pub id: ObjectId,
    /// Its file in the fleet repository.
    pub file: PathBuf,
    /// The file's text.
    pub text: String,
}

impl Tree {
    /// Reads it from a work tree.
    pub fn read(fleet: &Path, cluster: &str) -> Self {
        let mut tree = Self {
            dependencies: BTreeMap::new(),
            objects: Vec::new(),
            units: Vec::new(),
        };
        for file in files(&fleet.join("clusters").join(cluster).join("ztgit")) {
            let text = read(&file);
            let object = parse(&text, &file);
            let id = ObjectId::of(&object);
            let unit = id.name.clone();
            tree.dependencies.insert(unit.clone(), depends_on(&object));
            let path = object["spec"]["path"].as_str().expect("a unit has a path");
            tree.objects
                .extend(objects(&unit, fleet, &fleet.join(path)));
            tree.units.push(RenderedObject {
                unit,
                id,
                file: below(fleet, &file),
                text,
            });
        }
        tree
    }

    /// The objects of units of a phase.
    pub fn phase<'a>(&'a self, phase: &'a str) -> impl Iterator<Item = &'a RenderedObject> {
        let belongs = move |unit: &str| unit.split('-').next() == Some(phase);
        self.objects
            .iter()
            .filter(move |object| belongs(&object.unit))
    }

    /// The units that wait for a unit, directly or not.
    pub fn dependents(&self, unit: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = vec![unit.to_owned()];
        while let Some(unit) = next.pop() {
            for (name, dependencies) in &self.dependencies {
                if dependencies.contains(&unit) && found.insert(name.clone()) {
                    next.push(name.clone());
                }
            }
        }
        found
    }
}

fn below(fleet: &Path, file: &Path) -> PathBuf {
    let path = file.strip_prefix(fleet).expect("it lies in there");
    path.to_owned()
}

fn objects(unit: &str, fleet: &Path, directory: &Path) -> Vec<RenderedObject> {
    files(directory)
        .into_iter()
        .map(|path| {
            let text = read(&path);
            RenderedObject {
                unit: unit.to_owned(),
                id: ObjectId::of(&parse(&text, &path)),
                file: below(fleet, &path),
                text,
            }
        })
        .collect()
}

fn depends_on(unit: &Value) -> BTreeSet<String> {
    let list = unit["spec"]["dependsOn"].as_array();
    list.into_iter()
        .flatten()
        .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// The files that the directory's index names.
fn files(directory: &Path) -> Vec<PathBuf> {
    let path = directory.join(INDEX);
    let index = parse(&read(&path), &path);
    let list = index["resources"].as_array().expect("an index has a list");
    list.iter()
        .map(|file| directory.join(file.as_str().expect("a path")))
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(text: &str, path: &Path) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
