//! Applies a node's folder to a directory, for tests that end this process in
//! the middle of it.
//!
//! `apply ROOT FOLDER` applies, `apply ROOT FOLDER --unconfirmed` with a timer of
//! ten seconds, and `apply ROOT [--transaction N]` takes back what was cut short
//! or not confirmed. Of all programs, only the timer is run.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use ztgit_node::{
    Command, CommandError, Commands, Confirmation, Host, Recorder, Root, Source, System, Which,
    apply, rollback,
};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut cause: Option<&dyn Error> = Some(&*error);
            while let Some(error) = cause {
                report(error);
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a program for tests")]
fn report(error: &dyn Error) {
    eprintln!("{error}");
}

/// Runs timers, and remembers everything else.
struct TimersOnly(Recorder);

impl Commands for TimersOnly {
    fn run(&mut self, command: &Command, root: &Root) -> Result<Vec<u8>, CommandError> {
        match command {
            Command::ArmTimer(_) => System.run(command, root),
            other => self.0.run(other, root),
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut commands = TimersOnly(Recorder::default());
    let (Some(root), rest) = (arguments.first(), arguments.get(1..).unwrap_or_default()) else {
        return Err("usage: apply ROOT [FOLDER [--unconfirmed]]".into());
    };
    let mut host = Host::open(Path::new(root), &mut commands)?;
    let transaction = match rest {
        [] => None,
        ["--transaction", id] => Some(id.parse()?),
        [folder, rest @ ..] => {
            let source = Source::read(Path::new(folder))?;
            apply(&mut host, &source, &confirmation(root, rest)?)?;
            return Ok(());
        }
    };
    rollback(&mut host, Which::Unconfirmed { transaction })?;
    Ok(())
}

fn confirmation(root: &str, options: &[&str]) -> Result<Confirmation, Box<dyn Error>> {
    if options != ["--unconfirmed"] {
        return Ok(Confirmation::NotNeeded);
    }
    let program = std::env::current_exe()?.display().to_string();
    Ok(Confirmation::Within {
        seconds: 10,
        rollback: vec![program, root.to_owned()],
    })
}
