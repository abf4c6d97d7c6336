//! The server that a URL names.

use std::net::IpAddr;

/// A server by its name.
pub(super) struct Server<'u> {
    /// Its name or address.
    host: &'u str,
    /// The port on which it answers.
    pub(super) port: u16,
}

impl<'u> Server<'u> {
    /// The server of a URL; nothing where the URL names none.
    pub(super) fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit('@').next()?;
        let usual = match scheme {
            "ssh" => 22,
            "http" => 80,
            _ => 443,
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        Some(Self { host, port })
    }

    /// Its name, if it is outside the cluster and has one: an address may be a node's,
    /// and a Service's name stands for pods.
    pub(super) fn external_name(&self) -> Option<&'u str> {
        let mut behind = self.host.split('.').skip(1).peekable();
        let inside = behind.peek().is_none() || behind.any(|label| label == "svc");
        let is_address = self.host.starts_with('[') || self.host.parse::<IpAddr>().is_ok();
        (!is_address && !inside).then_some(self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[track_caller]
    fn names(url: &str, name: Option<&str>, port: u16) {
        let server = Server::of(url).expect("a server");
        assert_eq!((server.external_name(), server.port), (name, port), "{url}");
    }

    #[test]
    fn the_port_is_the_schemes_unless_the_url_has_one() {
        let name = Some("git.example.net");
        names("https://git.example.net/fleet.git", name, 443);
        names("ssh://git@git.example.net/fleet", name, 22);
        names("http://git.example.net:3000/fleet", name, 3000);
    }

    #[test]
    fn addresses_and_services_have_no_name_outside() {
        names("https://192.0.2.7/fleet", None, 443);
        names("https://[2001:db8::1]/fleet", None, 443);
        names("http://gitea.git.svc.cluster.local:3000/fleet", None, 3000);
        names("http://gitea:3000/fleet", None, 3000);
    }

    #[test]
    fn a_path_names_no_server() {
        assert!(Server::of("fleet.git").is_none());
    }
}
