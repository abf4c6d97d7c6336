//! What guests of each language cost, as a table: `just plugin-figures` writes it to
//! `docs/plugin-figures.md`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use ztgit_test_support::costs;

use super::project::Language;
use super::rendered::Figures;
use super::{begun, javascript, python};

const HEAD: &str = "\
# What a plugin costs, by language

`greeter` is what `ztgit plugin new` writes, untouched; `tetragon` and `registries` are
the examples. The first build includes the toolchain's installation from its registry
(`componentize-py` from PyPI, `componentize-qjs` from npm, crates from crates.io); a
component is compiled to machine code once and cached. A warm render is one call of the
thousand whose answers have to be equal, on a cluster as in the homelab stack; memory is
the most that such a call had.

Written by `just plugin-figures`; the figures are one machine's, of ztgit in a debug
build.

| plugin | first build, s | build again, s | component, KiB | compiled, s | warm render, ms | memory, MiB |
|---|---|---|---|---|---|---|
";

fn row(name: &str, builds: Option<[Duration; 2]>, figures: &Figures) -> String {
    let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
    let [first, again] = builds.map_or(<[String; 2]>::default(), |times| times.map(seconds));
    let Figures {
        component,
        compiled,
        warm,
        memory,
    } = figures;
    format!(
        "| {name} | {first} | {again} | {} | {:.1} | {:.2} | {:.1} |\n",
        component >> 10,
        compiled.as_secs_f64(),
        warm.as_secs_f64() * 1000.0,
        f64::from(u32::try_from(memory >> 10).expect("less than 256 MiB")) / 1024.0,
    )
}

#[test]
#[ignore = "alone in the process, so that its numbers are one guest's"]
fn figures() {
    let mut table = HEAD.to_owned();
    let mut add = |row: String| {
        std::io::stdout()
            .write_all(row.as_bytes())
            .expect("standard output is open");
        write!(table, "{row}").expect("a string grows");
    };
    for language in [Language::Rust, Language::JavaScript, Language::Python] {
        let Some(project) = begun::project(language) else {
            return;
        };
        let figures = begun::figures(project, language);
        let builds = [project.built_in, project.build_again(language)];
        let name = format!("`greeter` in {}", language.name());
        add(row(&name, Some(builds), &figures));
    }
    for (name, figures) in [
        ("`registries` in javascript", javascript::figures()),
        ("`tetragon` in python, with WASI", python::figures()),
    ] {
        let Some(figures) = figures else { return };
        add(row(name, None, &figures));
    }
    costs::update("plugin-figures.md", &table);
}
