//! One log: whether it can be read, how CrowdSec is told of it, and what it
//! takes to understand it.
//!
//! `crowdsec -t` accepts a source that it does not know and a file that nobody
//! writes, and then reads nothing. So the kinds of sources are an enum, and
//! everything else is checked here.

use std::fmt::Write as _;

use ztgit_plugin::Diagnostic;
use ztgit_plugin::fact::LogSource;
use ztgit_plugin::yaml::{breaks_lines, quoted};

use crate::bouncer::Generation;
use crate::hub::HubItem;
use crate::unit::UnitName;

/// Where Kubernetes has the output of containers, in the runtime's format.
const CONTAINERS: [&str; 2] = ["/var/log/containers/", "/var/log/pods/"];

/// Envoy's access log, as CrowdSec's parser for it calls it.
const ENVOY: &str = "envoy";

/// The access log of web servers, likewise; Envoy can write it too.
const NGINX: &str = "nginx";

/// The log as an acquisition of CrowdSec's.
pub(crate) fn document(log: &LogSource) -> String {
    let (mut text, format) = match log {
        LogSource::Journal { unit, format } => {
            let filter = quoted(&format!("_SYSTEMD_UNIT={unit}"));
            let text = format!("source: journalctl\njournalctl_filter:\n  - {filter}\n");
            (text, format)
        }
        LogSource::File { path, format } => {
            let path = quoted(path);
            // Watching the directory also finds a file that is made later.
            let text = format!("source: file\nfilenames:\n  - {path}\nforce_inotify: true\n");
            (text, format)
        }
    };
    let format = quoted(format);
    let labels = if is_of_containers(log) {
        format!("  type: \"containerd\"\n  program: {format}\n")
    } else {
        format!("  type: {format}\n")
    };
    write!(text, "labels:\n{labels}").expect("a string takes all text");
    text
}

/// What of CrowdSec's hub has to be installed to understand the log, beyond
/// what every node has. An engine does not start with a parser that is too new
/// for it.
pub(crate) fn needs(log: &LogSource, generation: Generation) -> impl Iterator<Item = HubItem> {
    let requests = match (format(log), generation) {
        (ENVOY, Generation::Current) => Some(HubItem::collection("yanis-kouidri/envoy")),
        (NGINX, _) => Some(HubItem::collection("crowdsecurity/nginx")),
        _ => None,
    };
    let containers = is_of_containers(log).then(|| HubItem::parser("crowdsecurity/cri-logs"));
    requests.into_iter().chain(containers)
}

/// What CrowdSec would read nothing from without saying so.
pub(crate) fn unreadable(log: &LogSource) -> Option<Diagnostic> {
    let format = format(log);
    let is_format = !format.is_empty()
        && format
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !is_format {
        return Some(
            Diagnostic::error("invalid-format", format!("`{format}` is not a log format"))
                .hint("use the word that CrowdSec's parser for it filters on, such as `syslog`"),
        );
    }
    match log {
        LogSource::Journal { unit, .. } => UnitName::try_from(unit.clone())
            .err()
            .map(|message| Diagnostic::error("invalid-unit", message)),
        LogSource::File { path, .. } => (!is_normal(path)).then(|| {
            Diagnostic::error(
                "invalid-path",
                format!("`{path}` is not an absolute, normal path"),
            )
        }),
    }
}

/// A format that a generation of CrowdSec cannot parse.
pub(crate) fn not_understood(log: &LogSource, generation: Generation) -> Option<Diagnostic> {
    (format(log) == ENVOY && generation == Generation::Debian12).then(|| {
        Diagnostic::warning(
            "no-parser",
            "the CrowdSec of Debian 12 has no parser for `envoy`, so what is in this log goes unnoticed",
        )
        .hint("install CrowdSec from its own repository and set `bouncer: current`")
        .hint("leave the log out")
    })
}

/// One log with two formats.
pub(crate) fn conflict(earlier: &LogSource, later: &LogSource, asker: &str) -> Option<Diagnostic> {
    let is_one = match (earlier, later) {
        (LogSource::Journal { unit: one, .. }, LogSource::Journal { unit: other, .. })
        | (LogSource::File { path: one, .. }, LogSource::File { path: other, .. }) => one == other,
        _ => false,
    };
    (is_one && format(earlier) != format(later)).then(|| {
        let (LogSource::Journal { unit: place, .. } | LogSource::File { path: place, .. }) = later;
        Diagnostic::error(
            "two-formats",
            format!(
                "`{place}` is read as `{}` for {asker} already",
                format(earlier)
            ),
        )
        .hint("a log is read once: agree on one format")
    })
}

fn format(log: &LogSource) -> &str {
    let (LogSource::Journal { format, .. } | LogSource::File { format, .. }) = log;
    format
}

fn is_of_containers(log: &LogSource) -> bool {
    match log {
        LogSource::File { path, .. } => CONTAINERS.iter().any(|below| path.starts_with(below)),
        LogSource::Journal { .. } => false,
    }
}

fn is_normal(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
            && !rest.chars().any(breaks_lines)
    })
}
