//! The command line: what can be said, and which command it means.

use clap::{ArgAction, Parser, Subcommand};

use crate::commands;
use crate::context::{Context, Environment, RegistryOptions};
use crate::error::{CommandError, Exit};
use crate::plugin::COMPILE_COMMAND;
use crate::ui::{Format, Ui, Verbosity};

/// Render one declarative stack into the zero-trust network of a fleet.
#[derive(Debug, Parser)]
#[command(
    name = "ztgit",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// In which form results are printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    format: Format,
    /// Print results and errors only.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more: plugins' logs and what is merely worth knowing (-v), what is done (-vv), everything (-vvv).
    #[arg(long, short, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Threads to render with; as many as there are cores by default.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Use nothing that an earlier run worked out, and keep nothing; the result is the same.
    #[arg(long, global = true)]
    no_cache: bool,
    #[command(flatten)]
    registries: RegistryOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Render a stack and commit the result into the fleet repository
    Render(commands::render::Args),
    /// Publish what each cluster needs of the fleet branch to a branch of its own
    Publish(commands::publish::Args),
    /// Print what a cluster needs so that its Flux pulls the fleet
    Bootstrap(commands::bootstrap::Args),
    /// Do everything up to the commit, and write nothing
    Check(commands::check::Args),
    /// Show what a render would change
    Diff(commands::diff::Args),
    /// Find what is not as the stack wants it
    Drift(commands::drift::Args),
    /// Re-derive what a commit says it rendered, and compare
    Verify(commands::verify::Args),
    /// On a node: put its files in place, and see whether they are
    Host(commands::host::Args),
    /// Print a merged cluster, each value with its origin
    Show(commands::show::Args),
    /// Explain the code of a finding
    Explain(commands::explain::Args),
    /// Write a commented first stack
    Init(commands::init::Args),
    /// Print the JSON Schema of a stack's files
    Schema(commands::schema::Args),
    /// List, inspect, add, pin and publish plugins; write, check and test one
    Plugin(commands::plugin::Args),
    /// Show or clear what earlier runs worked out
    Cache(commands::cache::Args),
    /// Print completions for a shell
    Completions(commands::completions::Args),
    /// Write manual pages
    Man(commands::man::Args),
    /// Compile a component, in a process of its own
    #[command(name = COMPILE_COMMAND, hide = true)]
    CompileComponent(commands::compile_component::Args),
}

/// Runs what the command line says. Comes back with how the process ends.
pub fn run(environment: Environment) -> Exit {
    let cli = Cli::parse();
    let verbosity = match (cli.quiet, cli.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let mut environment = environment;
    if cli.no_cache {
        environment.cache = None;
    }
    let ui = Ui::new(cli.format, verbosity);
    let context = Context::new(ui, environment, cli.registries);
    install_log(cli.verbose);
    if let Some(jobs) = cli.jobs {
        let mut pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.into());
        if jobs == 1 && !has_threads(&cli.command) {
            pool = pool.use_current_thread();
        }
        // Nothing has used the pool yet.
        let _ = pool.build_global();
    }
    let result = match unsupported(&cli.command, cli.format) {
        Some(error) => Err(error),
        None => dispatch(cli.command, &context),
    };
    context.finish();
    match result {
        Ok(exit) => exit,
        Err(error) => {
            context.ui.error(&error);
            error.exit
        }
    }
}

/// Whether a command's own threads want work done while the first one waits for them:
/// that one cannot be the pool.
fn has_threads(command: &Command) -> bool {
    matches!(command, Command::Plugin(_) | Command::Drift(_))
}

/// Every command speaks text and JSON, some another form.
fn unsupported(command: &Command, format: Format) -> Option<CommandError> {
    let (name, supported) = match format {
        Format::Text | Format::Json => return None,
        Format::Markdown => ("markdown", matches!(command, Command::Diff(_))),
        Format::Sarif => {
            let reports = match command {
                Command::Check(_) | Command::Drift(_) => true,
                Command::Host(args) => args.is_drift(),
                _ => false,
            };
            ("sarif", reports)
        }
    };
    (!supported).then(|| {
        let message = format!("this command has no `--format {name}`");
        CommandError::new(Exit::Usage, message)
            .hint("`diff` speaks markdown; `check`, `drift` and `host drift` speak SARIF")
    })
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, CommandError> {
    match command {
        Command::Render(args) => commands::render::run(context, &args),
        Command::Publish(args) => commands::publish::run(context, &args),
        Command::Bootstrap(args) => commands::bootstrap::run(context, &args),
        Command::Check(args) => commands::check::run(context, &args),
        Command::Diff(args) => commands::diff::run(context, &args),
        Command::Drift(args) => commands::drift::run(context, &args),
        Command::Verify(args) => commands::verify::run(context, &args),
        Command::Host(args) => commands::host::run(context, &args),
        Command::Show(args) => commands::show::run(context, &args),
        Command::Explain(args) => commands::explain::run(context, &args),
        Command::Init(args) => commands::init::run(context, &args),
        Command::Schema(args) => commands::schema::run(context, &args),
        Command::Plugin(args) => commands::plugin::run(context, &args),
        Command::Cache(args) => commands::cache::run(context, &args),
        Command::Completions(args) => commands::completions::run(context, &args),
        Command::Man(args) => commands::man::run(context, &args),
        Command::CompileComponent(args) => Ok(commands::compile_component::run(context, &args)),
    }
}

fn install_log(verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(anstream::stderr)
        .with_target(false)
        .without_time()
        .finish();
    // A test may have one already.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
