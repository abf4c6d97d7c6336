//! Chores of this repository that need more than a shell: `cargo xtask CHORE`.
//!
//! The command line is read by hand: whoever runs a chore waits for no library.

mod arguments;
mod bench;
mod fleet;

use std::process::ExitCode;

use arguments::Arguments;

const USAGE: &str = "\
cargo xtask fleet --clusters N --out DIR     write a stack of many clusters
cargo xtask bench-fleet [--clusters N] [--runs N] [--ztgit FILE]
                                             render it, beside git on the same files
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprint(&format!("error: {problem}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stderr, reason = "there is no other way to complain")]
fn eprint(text: &str) {
    eprint!("{text}");
}

fn run(arguments: Vec<String>) -> Result<(), String> {
    let mut arguments = Arguments::new(arguments);
    match arguments.chore()?.as_str() {
        "fleet" => {
            let clusters = arguments.number("--clusters")?;
            let out = arguments.path("--out")?;
            arguments.finish()?;
            let (clusters, out) = (
                clusters.ok_or("`--clusters N` is missing")?,
                out.ok_or("`--out DIR` is missing")?,
            );
            fleet::write(&out, clusters).map_err(|error| format!("{}: {error}", out.display()))
        }
        "bench-fleet" => {
            let clusters = arguments.number("--clusters")?.unwrap_or(1_000);
            let runs = arguments.number("--runs")?.unwrap_or(5);
            if runs == 0 {
                return Err("`--runs` wants at least one".to_owned());
            }
            let ztgit = arguments.path("--ztgit")?;
            arguments.finish()?;
            bench::run(clusters, runs, ztgit)
        }
        other => Err(format!("there is no chore `{other}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_without_a_run_is_refused() {
        let arguments = ["bench-fleet", "--runs", "0"].map(str::to_owned);
        assert_eq!(
            run(arguments.to_vec()),
            Err("`--runs` wants at least one".to_owned())
        );
    }
}
