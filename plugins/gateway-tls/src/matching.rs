//! What the Gateway API says of matches and header filters beyond their shapes.
//! The API server says it too, but only when Flux applies the route.

use ztgit_plugin::Diagnostic;

use crate::config::{GrpcMatch, GrpcRule, Headers, HttpMatch, HttpRule};
use crate::duration::parse as duration;

/// A route takes so many in all its rules together.
const MAX_MATCHES: usize = 128;

/// Parts that no literal path may have: proxies normalise them away, so that a
/// rule would look at something else than the back-end gets.
const PATH_PARTS: [&str; 6] = ["//", "/./", "/../", "%2f", "%2F", "#"];

/// Too many matches in all rules together.
pub(crate) fn too_many(
    place: &[&str],
    field: &str,
    of_rules: impl Iterator<Item = usize>,
) -> Vec<Diagnostic> {
    let count: usize = of_rules.map(|matches| matches.max(1)).sum();
    if count <= MAX_MATCHES {
        return Vec::new();
    }
    let message = format!("a route has at most {MAX_MATCHES} matches, and there are {count}");
    let found = Diagnostic::error("too-many-matches", message).at_config(at(place, &[field]));
    vec![found.hint("match by a common beginning of the paths")]
}

/// Everything wrong with the matches and timeouts of a rule.
pub(crate) fn http(place: &[&str], rule: &HttpRule) -> Vec<Diagnostic> {
    let matches = rule.matches.iter().enumerate().flat_map(|(index, each)| {
        let index = index.to_string();
        let place = at(place, &["matches", &index]);
        let mut found = paths(&place, each);
        found.extend(header_names(&place, "headers", each.headers.keys()));
        found.extend(header_names(&place, "query", each.query.keys()));
        found
    });
    let mut found: Vec<_> = matches.collect();
    found.extend(timeouts(place, rule));
    found
}

/// Everything wrong with the matches of a rule.
pub(crate) fn grpc(place: &[&str], rule: &GrpcRule) -> Vec<Diagnostic> {
    let matches = rule.matches.iter().enumerate().flat_map(|(index, each)| {
        let GrpcMatch { headers, .. } = each;
        let index = index.to_string();
        header_names(&at(place, &["matches", &index]), "headers", headers.keys())
    });
    matches.collect()
}

/// Everything wrong with the names of a filter's headers.
pub(crate) fn headers(place: &[&str], field: &str, headers: &Headers) -> Vec<Diagnostic> {
    let place = at(place, &[field]);
    let mut found = header_names(&place, "set", headers.set.keys());
    found.extend(header_names(&place, "add", headers.add.keys()));
    found.extend(header_names(&place, "remove", headers.remove.iter()));
    found
}

fn paths(place: &[&str], written: &HttpMatch) -> Vec<Diagnostic> {
    let literal = [("path", &written.path), ("exactPath", &written.exact_path)];
    let given: Vec<_> = literal
        .into_iter()
        .chain([("pathRegex", &written.path_regex)])
        .filter(|(_, path)| path.is_some())
        .map(|(field, _)| field)
        .collect();
    if let [first, second, ..] = given[..] {
        let message = format!("a match has one path, and there are `{first}` and `{second}`");
        let found = Diagnostic::error("two-paths", message).at_config(at(place, &[second]));
        return vec![found.hint("make two matches of them")];
    }
    let paths = literal.into_iter();
    let paths = paths.filter_map(|(field, path)| Some((field, path.as_deref()?)));
    paths
        .filter_map(|(field, path)| {
            let reason = path_problem(path)?;
            let found = Diagnostic::error("invalid-path", format!("path `{path}` {reason}"))
                .at_config(at(place, &[field]));
            Some(found.hint("write the path as it is after normalisation, without a query"))
        })
        .collect()
}

fn path_problem(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some("does not begin with `/`".to_owned());
    }
    if let Some(part) = PATH_PARTS.into_iter().find(|part| path.contains(part)) {
        return Some(format!("contains `{part}`"));
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        return Some("ends in a dot segment".to_owned());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-/._~!$&'()*+,;=:@%".contains(c);
    let other = path.chars().find(|&c| !allowed(c));
    other.map(|other| format!("contains `{other}`"))
}

fn header_names<'a>(
    place: &[&str],
    field: &str,
    names: impl Iterator<Item = &'a String>,
) -> Vec<Diagnostic> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let wrong = names.filter(|name| name.is_empty() || !name.chars().all(token));
    wrong
        .map(|name| {
            let message = format!("`{name}` is not a name of a header or parameter");
            Diagnostic::error("invalid-header", message)
                .at_config(at(place, &[field]))
                .hint("use letters, digits and hyphens")
        })
        .collect()
}

fn timeouts(place: &[&str], rule: &HttpRule) -> Option<Diagnostic> {
    let request = duration(rule.timeouts.request.as_deref()?)?;
    let backend = duration(rule.timeouts.backend.as_deref()?)?;
    // A request's timeout of 0 is none.
    if request.is_zero() || backend <= request {
        return None;
    }
    let message = "one try may take longer than the whole request";
    Some(
        Diagnostic::error("timeouts", message)
            .at_config(at(place, &["timeouts", "backend"]))
            .hint("make `backend` at most `request`"),
    )
}

fn at<'a>(place: &[&'a str], field: &[&'a str]) -> Vec<&'a str> {
    [place, field].concat()
}
