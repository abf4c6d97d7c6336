//! What guests of each language cost, as a table: `just plugin-figures` writes it to
//! `docs/plugin-figures.md`.

use std::io::Write as _;

use ztgit_test_support::costs;

use super::project::Project;
use super::rendered::Figures;
use super::workshop::Language;
use super::{begun, javascript, python, rust};

const HEAD: &str = "\
# What a plugin costs, by language

`greeter` is what `ztgit plugin new` writes, untouched; the others are the
[examples](../examples), of which `monitoring` states the flow that cilium makes policy
of. Warm renders are the mean of a thousand calls whose answers have to be equal, on a
cluster as in the homelab stack; memory is the most that such a call had. A component is
compiled to machine code once and cached.

The first build of a `greeter` includes what its toolchain fetches from its registry
(crates.io; npm, for componentize-qjs; PyPI, for componentize-py), and the first by jco
all of jco. Those of the other examples find that in the package manager's cache, and
cargo's their crates compiled.

Written by `just plugin-figures`; the figures are one machine's, of ztgit in a debug
build.

| plugin | first build, s | build again, s | component, KiB | compiled, s | warm render, ms | memory, MiB |
|---|---|---|---|---|---|---|
";

fn row(name: &str, project: &Project, language: Language, figures: &Figures) -> Option<String> {
    let Figures {
        component,
        warm,
        memory,
    } = figures;
    Some(format!(
        "| {name} | {:.1} | {:.1} | {} | {:.1} | {:.2} | {:.1} |\n",
        project.built_in.as_secs_f64(),
        project.build_again(language)?.as_secs_f64(),
        component >> 10,
        project.compiled.as_secs_f64(),
        warm.as_secs_f64() * 1000.0,
        f64::from(u32::try_from(memory >> 10).expect("less than 256 MiB")) / 1024.0,
    ))
}

fn greeter(language: Language) -> Option<String> {
    let project = begun::project(language)?;
    let name = format!("`greeter` in {}", language.name());
    row(&name, project, language, begun::figures(project, language))
}

fn monitoring() -> Option<String> {
    let project = rust::project()?;
    let name = "`monitoring` in rust";
    row(name, project, Language::Rust, rust::figures(project))
}

fn registries(tool: &str, project: Option<&Project>) -> Option<String> {
    let project = project?;
    let name = format!("`registries` in javascript, by {tool}");
    let figures = javascript::figures(project);
    row(&name, project, Language::JavaScript, figures)
}

fn tetragon() -> Option<String> {
    let project = python::project()?;
    let name = "`tetragon` in python, with WASI";
    row(name, project, Language::Python, python::figures(project))
}

#[test]
#[ignore = "alone in the process, so that its numbers are one guest's"]
fn figures() {
    let rows: [fn() -> Option<String>; 7] = [
        || greeter(Language::Rust),
        monitoring,
        || greeter(Language::JavaScript),
        || registries("componentize-qjs", javascript::project()),
        || registries("jco", javascript::project_by_jco()),
        || greeter(Language::Python),
        tetragon,
    ];
    let mut table = HEAD.to_owned();
    for row in rows {
        let Some(row) = row() else { return };
        std::io::stdout()
            .write_all(row.as_bytes())
            .expect("standard output is open");
        table += &row;
    }
    costs::update("plugin-figures.md", &table);
}
