//! `ztgit plugin new`: a project that builds with its language's usual tools.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;

/// Begin a plugin: a project that builds, with its tests
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the plugin is called: lower case letters, digits and `-`
    name: String,
    /// The language it is written in
    #[arg(long, value_enum, default_value = "rust")]
    lang: Language,
    /// Where the project goes; a directory of the plugin's name by default
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Depend on the SDK in this directory instead of bringing a copy along (Rust)
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

/// A language that there is a project for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    Rust,
    Python,
    #[value(name = "javascript")]
    JavaScript,
}

impl Language {
    fn folder(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }
}

/// A file of a project, as this program carries it.
struct Template {
    path: &'static str,
    content: &'static [u8],
}

/// Every project, below its language's folder: real ones, of a plugin that is
/// called [`STAND_IN`].
const PROJECTS: &[Template] = include!(concat!(env!("OUT_DIR"), "/projects.rs"));
/// The SDK for Rust, as it is in the repository.
const SDK: &[Template] = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));
const WIT: &[u8] = include_bytes!("../../../../wit/plugin.wit");

/// The plugin of the templates, in the spellings that languages need.
const STAND_IN: [&str; 3] = ["my-plugin", "my_plugin", "MyPlugin"];
/// Where the templates find the SDK in the repository, and where a project has
/// its copy.
const REPOSITORY_SDK: &str = "../../../../plugins/sdk";
const OWN_SDK: &str = "vendor/ztgit-plugin";

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let name = PluginName::new(&args.name).ok_or_else(|| {
        let message = format!("`{}` cannot be a plugin's name", args.name);
        CommandError::new(Exit::Usage, message)
            .hint("lower case letters, digits and `-`, which neither begins nor ends it")
    })?;
    let directory = match &args.directory {
        Some(directory) => directory.clone(),
        None => PathBuf::from(name.as_str()),
    };
    if directory.exists() {
        let message = format!("{} is there already", directory.display());
        return Err(CommandError::new(Exit::Usage, message).hint("name another with `--directory`"));
    }
    let sdk = args.sdk.as_deref().map(absolute).transpose()?;
    write_project(&directory, &name, args.lang, sdk.as_deref()).map_err(|error| {
        let message = format!("cannot write {}: {error}", directory.display());
        CommandError::new(Exit::Incomplete, message)
    })?;
    let place = directory.display();
    context.ui.line(&format!("wrote {place}"));
    context.ui.note(&format!(
        "next: `cd {place} && ./build.sh && ztgit plugin check plugin.wasm`; README.md has the rest"
    ));
    Ok(Exit::Clean)
}

fn absolute(sdk: &Path) -> Result<PathBuf, CommandError> {
    fs::canonicalize(sdk).map_err(|error| {
        let message = format!("there is no SDK at {}: {error}", sdk.display());
        CommandError::new(Exit::Usage, message)
    })
}

fn write_project(
    directory: &Path,
    name: &PluginName,
    language: Language,
    sdk: Option<&Path>,
) -> io::Result<()> {
    let sdk_place = sdk.map_or(OWN_SDK.to_owned(), |sdk| sdk.display().to_string());
    let fill = |text: &str| {
        STAND_IN.iter().zip(spellings(name)).fold(
            text.replace(REPOSITORY_SDK, &sdk_place),
            |text, (from, to)| text.replace(from, &to),
        )
    };
    let folder = format!("{}/", language.folder());
    for template in PROJECTS {
        let Some(path) = template.path.strip_prefix(&folder) else {
            continue;
        };
        let text = std::str::from_utf8(template.content).expect("templates are text");
        write(&directory.join(fill(path)), fill(text).as_bytes())?;
    }
    write(&directory.join("wit/plugin.wit"), WIT)?;
    if language == Language::Rust && sdk.is_none() {
        for template in SDK {
            write(
                &directory.join(OWN_SDK).join(template.path),
                template.content,
            )?;
        }
    }
    Ok(())
}

/// The name as it is, as an identifier and as a type.
fn spellings(name: &PluginName) -> [String; 3] {
    let words = name.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    let kind: String = words.collect();
    [name.to_string(), name.as_str().replace('-', "_"), kind]
}

/// Writes a file, one that a shell runs as a program.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().expect("it lies in the project"))?;
    fs::write(path, content)?;
    if content.starts_with(b"#!") {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelt_as_a_language_needs_it() {
        let name = PluginName::new("scrape-2-targets").unwrap();
        assert_eq!(
            spellings(&name),
            ["scrape-2-targets", "scrape_2_targets", "Scrape2Targets"]
        );
    }

    #[test]
    fn the_copy_of_the_sdk_depends_on_what_the_repository_says() {
        let own: Vec<&str> = include_str!("../../../data/templates/sdk/Cargo.toml")
            .lines()
            .filter(|line| line.contains("version = \"") || line.ends_with('"'))
            .collect();
        let repository = include_str!("../../../../Cargo.toml");
        let names = [
            "ipnet",
            "miniz_oxide",
            "schemars",
            "serde",
            "serde_json",
            "wit-bindgen",
        ];
        for name in names {
            let begin = format!("{name} = ");
            let line = own.iter().find(|line| line.starts_with(&begin));
            let line = line.unwrap_or_else(|| panic!("the copy does not depend on {name}"));
            assert!(repository.lines().any(|wanted| wanted == *line), "{line}");
        }
    }
}
