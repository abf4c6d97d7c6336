//! One kind of request.

use ztgit_plugin::cluster::HttpMatch;

use super::Findings;
use crate::policy::expression;

pub(super) fn check(index: usize, request: &HttpMatch, findings: &mut Findings<'_>) {
    let index = index.to_string();
    let path = ["http", index.as_str()];
    if *request == HttpMatch::default() {
        findings.error(
            "http-empty",
            "has an empty match under `http`, which would allow every request",
            &path,
            "say which method, path, host or headers, or leave `http` out",
        );
    }
    if request.path.is_some() && request.path_regex.is_some() {
        findings.error(
            "http-path-twice",
            "has both `path` and `pathRegex`",
            &path,
            "keep one of the two; `path` is literal",
        );
    }
    let mut field = Field {
        findings,
        path: [path[0], path[1], ""],
    };
    field.at("method").method(request.method.as_deref());
    field.at("path").path(request.path.as_deref());
    field
        .at("pathRegex")
        .expression(request.path_regex.as_deref());
    field.at("host").host(request.host.as_deref());
    field.at("headers").headers(request);
}

/// A field of the request, and its place.
struct Field<'a, 'b> {
    findings: &'a mut Findings<'b>,
    path: [&'a str; 3],
}

impl<'a> Field<'a, '_> {
    fn at(&mut self, name: &'a str) -> &mut Self {
        self.path[2] = name;
        self
    }

    fn error(&mut self, code: &str, problem: &str, hint: &str) {
        self.findings.error(code, problem, &self.path, hint);
    }

    fn method(&mut self, method: Option<&str>) {
        let Some(method) = method else { return };
        if method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
            self.error(
                "http-method",
                &format!("has the method `{method}`, which is not one in capitals"),
                "write one entry for each method, such as `GET`",
            );
        }
    }

    fn path(&mut self, path: Option<&str>) {
        let Some(path) = path else { return };
        if !path.starts_with('/') || path.contains(['?', '#']) {
            self.error(
                "http-path",
                &format!("has the path `{path}`, which is not an absolute path without query"),
                "begin with `/` and leave the query out: any query is admitted",
            );
        }
    }

    fn expression(&mut self, text: Option<&str>) {
        let Some(text) = text else { return };
        if text.is_empty() {
            self.error(
                "http-empty",
                "has an empty `pathRegex`, which would allow every request",
                "leave the field out",
            );
        } else if let Some(reason) = expression::problem(text) {
            self.error(
                "http-expression",
                &format!("has the expression `{text}`, which the proxy cannot read: {reason}"),
                "see https://github.com/google/re2/wiki/Syntax, or use `path` for a literal one",
            );
        } else if text
            .trim_start_matches('^')
            .starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            self.error(
                "http-expression",
                &format!("has the expression `{text}`, and every path begins with `/`"),
                "begin with `/`: the expression is matched against the whole of path and query",
            );
        }
    }

    fn host(&mut self, host: Option<&str>) {
        let Some(host) = host else { return };
        let valid = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if host.is_empty() || !host.chars().all(valid) {
            self.error(
                "http-host",
                &format!("has the host `{host}`, which is not a name with or without a port"),
                "write it as clients send it, such as `api.example.com`, or leave it out",
            );
        }
    }

    fn headers(&mut self, request: &HttpMatch) {
        let is_token = |name: &str| {
            let valid = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            !name.is_empty() && name.chars().all(valid)
        };
        for name in request.headers.keys().filter(|name| !is_token(name)) {
            self.error(
                "http-header",
                &format!("matches a header `{name}`, which cannot be a header's name"),
                "use a name such as `X-Tenant`",
            );
        }
    }
}
