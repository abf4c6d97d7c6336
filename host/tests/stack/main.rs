//! Stacks as their authors write them: what is merged, what is refused, where
//! the finding points.

mod apps;
mod flows;
mod merge;
mod network;

use ztgit::diagnostic::Diagnostics;
use ztgit::stack::{Stack, StackFiles, load};

/// What every cluster here begins with.
const FLUX: &str = "flux: {source: {url: \"https://git.example.net/fleet.git\"}}";

/// A stack from its files.
fn stack(files: &[(&str, String)]) -> (Stack, Diagnostics) {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.clone().into_bytes()));
    let (stack, diagnostics) = load(&StackFiles::from_files(files));
    (stack, diagnostics.normalized())
}

/// `stack.yaml` with these lines in its spec.
fn stack_file(spec: &str) -> (&'static str, String) {
    let text = format!(
        "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {{name: test}}\nspec:\n{}",
        indented(spec, 2)
    );
    ("stack.yaml", text)
}

/// A stack of one cluster `c` with these lines.
fn one_cluster(cluster: &str) -> (Stack, Diagnostics) {
    stack(&[stack_file(&format!(
        "clusters:\n  c:\n    {FLUX}\n{}",
        indented(cluster, 4)
    ))])
}

fn indented(text: &str, by: usize) -> String {
    text.lines()
        .map(|line| format!("{}{line}\n", " ".repeat(by)))
        .collect()
}

/// Code, place and message of every finding, one a line.
fn findings(stack: &Stack, diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|found| {
            let place = found
                .span
                .map_or("-".to_owned(), |span| stack.sources.locate(span));
            format!("{} {place} {}\n", found.code, found.message)
        })
        .collect()
}
