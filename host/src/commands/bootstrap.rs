//! `ztgit bootstrap`: what a cluster needs so that its Flux pulls the fleet.
//!
//! Objects are printed or committed, steps are said; nothing is applied here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::identity::identity;
use super::options::{RepositoryOption, SignOption};
use super::show::find;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::flux;
use crate::git::{Change, Commit, FleetRepository, Outcome, Snapshot};
use crate::stack::flux::{Reference, slice_branch};
use crate::stack::{self, StackCluster, StackFiles};
use crate::tree::{FileMode, TreePath, yaml};

const HEAD: &str = "# Written by `ztgit bootstrap`, and rewritten by it.\n";

/// Print the Flux objects that make a cluster pull the fleet: the source of the
/// stack's `flux` section, whom it trusts, and the first Kustomization. Says what
/// to do with them; nothing is applied.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cluster
    cluster: String,
    /// The stack: its directory, or its stack.yaml
    #[arg(long, default_value = ".")]
    stack: PathBuf,
    /// Commit the objects to the fleet repository, as
    /// `clusters/CLUSTER/bootstrap.yaml`: Flux keeps them as they are there from
    /// then on
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    repository: RepositoryOption,
    #[command(flatten)]
    sign: SignOption,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let (stack, diagnostics) = stack::load(&StackFiles::read(&args.stack)?);
    let diagnostics = diagnostics.normalized();
    context.ui.diagnostics(&diagnostics, &stack.sources);
    if diagnostics.has_errors() {
        let message = "the stack has errors; nothing was printed";
        return Err(
            CommandError::new(Exit::Usage, message).hint("`ztgit check` looks at all of it")
        );
    }
    let cluster = find(&stack.clusters, &args.cluster)?;
    let objects = objects(cluster)?;
    let text = text(&objects);
    if args.write {
        write(context, args, cluster, &text)?;
    } else if context.ui.format() == crate::ui::Format::Text {
        context.ui.print(&text);
    }
    let steps = steps(args, cluster);
    for (index, step) in steps.iter().enumerate() {
        context.ui.note(&format!("{}. {step}", index + 1));
    }
    context
        .ui
        .report("Bootstrap", &json!({"objects": objects, "steps": steps}));
    Ok(Exit::Clean)
}

fn objects(cluster: &StackCluster) -> Result<Vec<Value>, CommandError> {
    let flux = &cluster.cluster.flux;
    let objects = flux::bootstrap(cluster.name.as_str(), flux, &cluster.source);
    objects.ok_or_else(|| {
        let message = format!(
            "the source of cluster `{}` is an ExternalArtifact, which another controller makes",
            cluster.name
        );
        CommandError::new(Exit::Usage, message).hint(format!(
            "let that controller make {} in {}, and a Kustomization at clusters/{}",
            flux.source.name, flux.namespace, cluster.name
        ))
    })
}

fn text(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(yaml::to_yaml).collect();
    documents.join("---\n")
}

fn write(
    context: &Context,
    args: &Args,
    cluster: &StackCluster,
    text: &str,
) -> Result<(), CommandError> {
    let mut repository = args.repository.open()?;
    args.sign.apply(&mut repository)?;
    let tip = repository.tip()?;
    let path = path(cluster);
    if let Some(tip) = tip {
        refuse_occupied(&repository.snapshot(tip)?, cluster, &path)?;
    }
    let change = Change::Write {
        bytes: format!("{HEAD}{text}").into_bytes(),
        mode: FileMode::Regular,
    };
    let signature = context.signature(identity(context, &repository)?);
    let outcome = repository.commit(&Commit {
        tip,
        base: tip,
        changes: BTreeMap::from([(path.clone(), change)]),
        managed: BTreeSet::from([path.clone()]),
        message: format!("Bootstrap Flux in cluster {}", cluster.name),
        author: signature.clone(),
        committer: signature,
    })?;
    context.ui.line(&match outcome {
        Outcome::Committed(commit) => said(&repository, &path, &commit.to_string()),
        Outcome::Unchanged => "up to date".to_owned(),
    });
    Ok(())
}

fn said(repository: &FleetRepository, path: &TreePath, commit: &str) -> String {
    format!(
        "wrote {path}; committed {commit} to {}",
        repository.branch()
    )
}

fn path(cluster: &StackCluster) -> TreePath {
    TreePath::new(format!("clusters/{}/bootstrap.yaml", cluster.name))
        .expect("a cluster's name fits a path")
}

/// What somebody else keeps there stays.
fn refuse_occupied(
    snapshot: &Snapshot<'_>,
    cluster: &StackCluster,
    path: &TreePath,
) -> Result<(), CommandError> {
    let refused = |message: String| CommandError::new(Exit::Usage, message);
    if let Some(bytes) = snapshot.read(path.as_str())?
        && !bytes.starts_with(HEAD.as_bytes())
    {
        return Err(refused(format!("{path} is not `ztgit bootstrap`'s"))
            .hint("move it away, or take what you need from the output without `--write`"));
    }
    // `flux bootstrap` calls everything there by the namespace.
    let flux = &cluster.cluster.flux;
    let folder = format!("clusters/{}/{}", cluster.name, flux.namespace);
    let theirs = format!("{folder}/gotk-sync.yaml");
    if flux.source.name == flux.namespace && snapshot.read(&theirs)?.is_some() {
        return Err(refused(format!(
            "{theirs} has the same source and Kustomization: `flux bootstrap` keeps them"
        ))
        .hint(format!(
            "what it lacks, such as `verify`, goes into a patch in {folder}/kustomization.yaml"
        ))
        .hint("or give ztgit's another name: `flux.source.name`"));
    }
    Ok(())
}

/// How what is pulled gets there.
fn provided(cluster: &StackCluster) -> String {
    match &cluster.source.reference {
        Reference::Branch(branch) if *branch == slice_branch(&cluster.name) => {
            "publish the slices: `ztgit publish --push`".to_owned()
        }
        Reference::Branch(branch) => format!(
            "have branch `{branch}` of the fleet there: `ztgit render --push`, or `git push`"
        ),
        _ => {
            let url = &cluster.cluster.flux.source.url;
            format!("publish the slices: `ztgit publish --oci={url}`")
        }
    }
}

/// Registries are known by their hosts.
fn registry(url: &str) -> &str {
    let address = url.trim_start_matches("oci://");
    address.split('/').next().unwrap_or(address)
}

/// What to do, in this order.
fn steps(args: &Args, cluster: &StackCluster) -> Vec<String> {
    let flux = &cluster.cluster.flux;
    let (name, namespace, url) = (&cluster.name, &flux.namespace, &flux.source.url);
    let mut steps = vec![format!(
        "have Flux run in the cluster: `flux install --namespace={namespace}`, or a `flux bootstrap` of your own"
    )];
    if let Some(secret) = &cluster.source.secret {
        let (kind, url) = match &cluster.source.reference {
            Reference::Artifact { .. } => ("oci", registry(url)),
            _ => ("git", url.as_str()),
        };
        steps.push(format!(
            "give it credentials: `flux create secret {kind} {secret} --namespace={namespace} --url={url}`; its `--help` has the rest"
        ));
    }
    steps.push(provided(cluster));
    steps.push(if args.write {
        format!(
            "apply the objects once: `kubectl apply -f {}`",
            path(cluster)
        )
    } else {
        let stack = args.stack.display();
        format!("apply the objects: `ztgit bootstrap {name} --stack {stack} | kubectl apply -f -`")
    });
    steps.push(format!(
        "watch it: `flux get kustomizations --namespace={namespace} --watch`"
    ));
    steps
}
