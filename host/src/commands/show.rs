//! `ztgit show`: a merged cluster, each value with its origin.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::context::Context;
use crate::diagnostic::{Sources, did_you_mean};
use crate::error::{CommandError, Exit};
use crate::stack::{self, Node, NodeValue, StackCluster, StackFiles};
use crate::tree::yaml;

/// Print a cluster as it is merged from defaults, profiles, its own file and
/// apps, each value with the file and line that it comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cluster
    cluster: String,
    /// A part of it, such as `config.wireguard`
    path: Option<String>,
    /// The stack: its directory, or its stack.yaml
    #[arg(long, default_value = ".")]
    stack: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let (stack, diagnostics) = stack::load(&StackFiles::read(&args.stack)?);
    context
        .ui
        .diagnostics(&diagnostics.normalized(), &stack.sources);
    let cluster = find(&stack.clusters, &args.cluster)?;
    let mut node = &cluster.merged;
    for segment in args.path.iter().flat_map(|path| path.split('.')) {
        node = node.get(segment).ok_or_else(|| {
            let error = CommandError::new(Exit::Usage, format!("there is no `{segment}` there"));
            let known = node
                .as_mapping()
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str());
            match did_you_mean(segment, known) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
    }
    let mut lines = Vec::new();
    write(node, 0, &stack.sources, &mut lines);
    for line in &lines {
        context.ui.line(line);
    }
    context.ui.report(
        "Cluster",
        &json!({"name": cluster.name, "value": located(node, &stack.sources)}),
    );
    Ok(Exit::Clean)
}

pub(super) fn find<'a>(
    clusters: &'a [StackCluster],
    name: &str,
) -> Result<&'a StackCluster, CommandError> {
    clusters
        .iter()
        .find(|cluster| cluster.name.as_str() == name)
        .ok_or_else(|| {
            let error =
                CommandError::new(Exit::Usage, format!("the stack has no cluster `{name}`"));
            match did_you_mean(name, clusters.iter().map(|cluster| cluster.name.as_str())) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
}

fn write(node: &Node, depth: usize, sources: &Sources, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match &node.value {
        NodeValue::Mapping(fields) => {
            for (key, field) in fields {
                let key = scalar(&Value::String(key.clone()));
                if is_leaf(&field.node) {
                    let value = scalar(&field.node.to_json());
                    let origin = sources.locate(field.node.span);
                    lines.push(format!("{indent}{key}: {value}  # {origin}"));
                } else {
                    lines.push(format!("{indent}{key}:  # {}", sources.locate(field.key)));
                    write(&field.node, depth + 1, sources, lines);
                }
            }
        }
        NodeValue::Sequence(items) => {
            for item in items {
                if is_leaf(item) {
                    let origin = sources.locate(item.span);
                    lines.push(format!("{indent}- {}  # {origin}", scalar(&item.to_json())));
                } else {
                    lines.push(format!("{indent}-  # {}", sources.locate(item.span)));
                    write(item, depth + 1, sources, lines);
                }
            }
        }
        _ => lines.push(format!(
            "{}  # {}",
            scalar(&node.to_json()),
            sources.locate(node.span)
        )),
    }
}

fn is_leaf(node: &Node) -> bool {
    match &node.value {
        NodeValue::Mapping(fields) => fields.is_empty(),
        NodeValue::Sequence(items) => items.is_empty(),
        _ => true,
    }
}

/// A value on one line; a text of several is quoted.
fn scalar(value: &Value) -> String {
    let text = yaml::to_yaml(value);
    let text = text.trim_end();
    if text.contains('\n') {
        value.to_string()
    } else {
        text.to_owned()
    }
}

fn located(node: &Node, sources: &Sources) -> Value {
    let value = match &node.value {
        NodeValue::Mapping(fields) => fields
            .iter()
            .map(|(key, field)| (key.clone(), located(&field.node, sources)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        NodeValue::Sequence(items) => items.iter().map(|item| located(item, sources)).collect(),
        _ => node.to_json(),
    };
    json!({"value": value, "origin": sources.locate(node.span)})
}
