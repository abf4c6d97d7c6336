//! A listener answers in plain text and sends nobody to HTTPS.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::attachment::Attachments;
use crate::gateway::listeners;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-redirect",
    severity: Severity::Info,
    text: include_str!("no_redirect.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let attachments = Attachments::of(subject);
    listeners(subject)
        .filter(|listener| listener.protocol() == "HTTP")
        .filter_map(|listener| {
            let routes = attachments.of_listener(listener);
            let mut plain = routes.iter().filter(|route| !route.only_redirects());
            let name = listener.name();
            let message = match (routes.is_empty(), plain.next()) {
                (true, _) => format!("nobody who comes to listener `{name}` is sent to HTTPS"),
                (false, Some(route)) => {
                    let route = route.spot.object.id();
                    format!("{route} answers in plain text through listener `{name}`")
                }
                (false, None) => return None,
            };
            let hint = "add a route with a `RequestRedirect` to `scheme: https` for its hosts";
            Some(listener.finding("", message, hint))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{GATEWAY, gateway, http, redirect, route};
    use crate::testing::Lint;

    #[test]
    fn a_plain_listener_is_told() {
        let lint = Lint::homelab().object(gateway(&[http()]));
        lint.finds(super::RULE, GATEWAY);
    }

    #[test]
    fn a_service_in_plain_text_is_told() {
        let lint = Lint::homelab().object(gateway(&[http()]));
        let lint = lint.object(redirect()).object(route("http"));
        lint.finds(super::RULE, GATEWAY);
    }

    #[test]
    fn a_redirect_is_fine() {
        let lint = Lint::homelab().object(gateway(&[http()]));
        lint.object(redirect()).passes(super::RULE);
    }
}
