//! Clusters through all stages, each by itself: nothing of a cluster is kept but what
//! is made of it.
//!
//! Which cluster comes when depends on the threads; what comes out does not. Findings
//! are those of the first stage that has errors, over all clusters, as if the stages
//! ran one after the other.

use rayon::prelude::*;

use super::{Prepared, Rendered};
use crate::commands::options::{Chosen, ClusterOption};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::error::CommandError;
use crate::fleet::{BlobIds, ClusterIds};
use crate::plan::Planner;
use crate::render::{ClusterOutput, Renderer};
use crate::reuse::{ClusterRecord, Reuse};
use crate::stack::{Loaded, Part, Seen, StackCluster};

/// What becomes of a cluster that need not be rendered, as far as the record tells.
pub(in crate::commands) type FromRecord<'f, T> = dyn Fn(&ClusterRecord) -> Option<T> + Sync + 'f;
/// What becomes of a rendered cluster.
pub(in crate::commands) type FromOutput<'f, T> =
    dyn Fn(ClusterOutput, &BlobIds) -> Result<T, CommandError> + Sync + 'f;

/// A cluster that has passed the stages, as far as it got.
struct Passed<T> {
    seen: Option<Seen>,
    wave: Option<String>,
    is_chosen: bool,
    loading: Diagnostics,
    planning: Result<Diagnostics, CommandError>,
    rendering: Result<Rendering<T>, CommandError>,
}

/// What was made of a cluster, and what was found then; nothing where it was not
/// chosen, or has errors.
type Rendering<T> = Option<(Option<T>, Diagnostics)>;

/// A rendered cluster with what was found; nothing where errors were found before.
type Output = Result<Option<(ClusterOutput, Diagnostics)>, CommandError>;

/// Runs every chosen cluster through the stages.
pub(in crate::commands) fn run<T: Send>(
    prepared: &Prepared<'_>,
    context: &Context,
    clusters: &ClusterOption,
    from_record: &FromRecord<'_, T>,
    from_output: &FromOutput<'_, T>,
) -> Result<Rendered<T>, CommandError> {
    let chosen = clusters.chosen();
    let parts = prepared.outline.parts();
    let reuse = reuse(prepared, context);
    let known: Vec<Option<Passed<T>>> = match &reuse {
        Some(reuse) => parts
            .par_iter()
            .map(|part| {
                let record = reuse.record(part)?;
                from_known(record, &chosen, from_record)
            })
            .collect(),
        None => parts.iter().map(|_| None).collect(),
    };
    let passed: Vec<Passed<T>> = if known.iter().all(Option::is_some) {
        known.into_iter().flatten().collect()
    } else {
        let bar = context.ui.progress(parts.len(), "rendering");
        let stages = Stages {
            prepared,
            chosen: &chosen,
            reuse: reuse.as_ref(),
            planner: Planner::new(&prepared.plugins)?,
            renderer: Renderer::new(&prepared.plugins),
            from_output,
        };
        let passed = parts
            .par_iter()
            .zip(known)
            // A thread that is done takes from one that is not, to the last few.
            .with_max_len(4)
            .map(|(part, known)| {
                let passed = known.unwrap_or_else(|| stages.pass(part));
                bar.inc(1);
                passed
            })
            .collect();
        bar.finish_and_clear();
        passed
    };
    conclude(prepared, &chosen, passed)
}

fn reuse<'s>(prepared: &'s Prepared<'_>, context: &'s Context) -> Option<Reuse<'s>> {
    let build = context.environment.build.as_deref()?;
    let store = context.known()?;
    let Prepared {
        outline,
        files,
        plugins,
        ..
    } = prepared;
    Some(Reuse::new(store, build, outline, files, plugins))
}

fn from_known<T>(
    record: ClusterRecord,
    chosen: &Chosen,
    from_record: &FromRecord<'_, T>,
) -> Option<Passed<T>> {
    if !chosen.has(&record.seen.name, record.wave.as_deref()) {
        let (seen, wave) = (Some(record.seen), record.wave);
        return Some(Passed::unchosen(seen, wave, record.loading));
    }
    let result = from_record(&record)?;
    Some(Passed {
        seen: Some(record.seen),
        wave: record.wave,
        is_chosen: true,
        loading: record.loading,
        planning: Ok(record.planning),
        rendering: Ok(Some((Some(result), record.rendering))),
    })
}

impl<T> Passed<T> {
    fn unchosen(seen: Option<Seen>, wave: Option<String>, loading: Diagnostics) -> Self {
        Self {
            seen,
            wave,
            is_chosen: false,
            loading,
            planning: Ok(Diagnostics::default()),
            rendering: Ok(None),
        }
    }
}

struct Stages<'p, T> {
    prepared: &'p Prepared<'p>,
    chosen: &'p Chosen,
    reuse: Option<&'p Reuse<'p>>,
    planner: Planner<'p>,
    renderer: Renderer<'p>,
    from_output: &'p FromOutput<'p, T>,
}

impl<T> Stages<'_, T> {
    fn pass(&self, part: &Part) -> Passed<T> {
        let Prepared { outline, files, .. } = self.prepared;
        let Loaded {
            seen,
            cluster,
            diagnostics: loading,
        } = outline.load(part, files);
        let (Some(said), Some(cluster)) = (&seen, cluster) else {
            return Passed::unchosen(seen, None, loading);
        };
        let wave = cluster.wave().map(str::to_owned);
        if !self.chosen.has(cluster.name.as_str(), wave.as_deref()) {
            return Passed::unchosen(seen, wave, loading);
        }
        let (planning, output) = self.render(&cluster, &loading);
        let rendering = output.and_then(|rendered| {
            let Some((output, rendering)) = rendered else {
                return Ok(None);
            };
            if rendering.has_errors() {
                // Incomplete, so nothing may be made of it.
                return Ok(Some((None, rendering)));
            }
            let ids = BlobIds::of(&output)?;
            if let (Some(reuse), Ok(planning)) = (self.reuse, &planning) {
                let record = ClusterRecord {
                    name: cluster.name.clone(),
                    seen: said.clone(),
                    wave: wave.clone(),
                    objects: output.objects,
                    files: output.files,
                    ids: ClusterIds::of(&output, &ids)?,
                    loading: loading.clone(),
                    planning: planning.clone(),
                    rendering: rendering.clone(),
                };
                reuse.keep(part, &cluster.uses, &record);
            }
            let result = (self.from_output)(output, &ids)?;
            Ok(Some((Some(result), rendering)))
        });
        Passed {
            seen,
            wave,
            is_chosen: true,
            loading,
            planning,
            rendering,
        }
    }

    /// Plans a cluster and, where nothing is wrong so far, renders it.
    fn render(
        &self,
        cluster: &StackCluster,
        loading: &Diagnostics,
    ) -> (Result<Diagnostics, CommandError>, Output) {
        let (plan, planning) = match self.planner.plan(cluster) {
            Ok(planned) => planned,
            Err(error) => return (Err(error.into()), Ok(None)),
        };
        let found = [&self.prepared.diagnostics, loading, &planning];
        let output = if found.iter().any(|found| found.has_errors()) {
            Ok(None)
        } else {
            self.renderer
                .render(&plan)
                .map(Some)
                .map_err(CommandError::from)
        };
        (Ok(planning), output)
    }
}

/// All clusters together, in the order of their names.
fn conclude<T>(
    prepared: &Prepared<'_>,
    chosen: &Chosen,
    mut passed: Vec<Passed<T>>,
) -> Result<Rendered<T>, CommandError> {
    let mut diagnostics = prepared.diagnostics.clone();
    let mut seen = Vec::with_capacity(passed.len());
    let mut is_broken = false;
    for cluster in &mut passed {
        is_broken |= cluster.loading.has_errors();
        diagnostics.extend(std::mem::take(&mut cluster.loading));
        seen.extend(cluster.seen.clone());
    }
    diagnostics.extend(prepared.outline.conclude(&seen, is_broken));
    let mut rendered = Rendered {
        results: Vec::new(),
        selection: chosen.selection(),
        diagnostics,
    };
    let is_loaded = !rendered.diagnostics.has_errors();
    if is_loaded {
        let known = seen.iter().map(|cluster| cluster.name.as_str());
        let waves = passed.iter().filter_map(|cluster| cluster.wave.as_deref());
        chosen.check(known, waves, passed.iter().any(|cluster| cluster.is_chosen))?;
    }
    passed.sort_by(|a, b| name(a).cmp(&name(b)));
    let mut outputs = Vec::with_capacity(passed.len());
    for cluster in passed {
        match cluster.planning {
            Ok(planning) => rendered.diagnostics.extend(planning),
            Err(error) if is_loaded => return Err(error),
            Err(_) => {}
        }
        outputs.push(cluster.rendering);
    }
    if !rendered.diagnostics.has_errors() {
        for output in outputs {
            if let Some((result, found)) = output? {
                rendered.diagnostics.extend(found);
                rendered.results.extend(result);
            }
        }
    }
    rendered.diagnostics = rendered.diagnostics.normalized();
    if rendered.diagnostics.has_errors() {
        rendered.results.clear();
    }
    Ok(rendered)
}

fn name<T>(passed: &Passed<T>) -> Option<&str> {
    passed.seen.as_ref().map(|seen| seen.name.as_str())
}
