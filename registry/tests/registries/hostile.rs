//! Registries that lie, stall, or send too much.

use std::time::Duration;

use ztgit_registry::{
    Client, Connection, Descriptor, Digest, DockerConfig, Error, Failure, Limits, PlainHttp,
    TrustError,
};

use crate::hostile_server::{Asked, HostileServer, answer};
use crate::signatures::key;
use crate::{component, failure, repository, tag};

const LIMIT: u64 = 4096;

/// How long a test may wait that is not about waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that is ready to take four kilobytes.
fn client() -> Client {
    client_with(DockerConfig::default())
}

/// One that takes what registries usually give.
fn generous_client() -> Client {
    let connection = Connection {
        authorities: None,
        plain_http: PlainHttp::Always,
        timeout: PATIENCE,
    };
    Client::new(connection, DockerConfig::default(), Limits::default())
}

fn client_with(docker: DockerConfig) -> Client {
    limited(docker, PATIENCE)
}

fn limited(docker: DockerConfig, timeout: Duration) -> Client {
    let connection = Connection {
        authorities: None,
        plain_http: PlainHttp::Always,
        timeout,
    };
    let limits = Limits {
        manifest: LIMIT,
        layer: LIMIT,
    };
    Client::new(connection, docker, limits)
}

fn serve(bytes: Vec<u8>) -> HostileServer {
    HostileServer::start(move |_| bytes.clone())
}

fn pull_manifest(server: &HostileServer) -> Result<ztgit_registry::Pulled, Error> {
    client().manifest(&repository(&server.host).tagged(tag("1.0")))
}

fn pull_blob(server: &HostileServer, blob: &Descriptor) -> Result<Vec<u8>, Error> {
    client().blob(&repository(&server.host), blob)
}

fn described(content: &[u8]) -> Descriptor {
    component(content).layer().descriptor().clone()
}

#[test]
pub(crate) fn another_manifest_than_the_digest_asked_for_is_refused() {
    let server = serve(answer(
        "200 OK",
        "",
        &component(b"two").manifest().to_bytes(),
    ));
    let expected = component(b"one").digest();
    let pulled = client().manifest(&repository(&server.host).pinned(expected));
    let refused = pulled.unwrap_err();
    assert!(
        matches!(refused, Error::Trust(TrustError::Manifest { .. })),
        "{refused}"
    );
}

#[test]
pub(crate) fn a_manifest_that_contradicts_its_own_header_is_refused() {
    let header = format!("docker-content-digest: {}\r\n", Digest::of(b"other"));
    let server = serve(answer(
        "200 OK",
        &header,
        &component(b"one").manifest().to_bytes(),
    ));
    let refused = pull_manifest(&server).unwrap_err();
    assert!(
        matches!(refused, Error::Trust(TrustError::Manifest { .. })),
        "{refused}"
    );
}

#[test]
pub(crate) fn a_flipped_byte_is_refused() {
    let server = serve(answer("200 OK", "", b"componenT"));
    let refused = pull_blob(&server, &described(b"component")).unwrap_err();
    assert!(
        matches!(refused, Error::Trust(TrustError::Blob { .. })),
        "{refused}"
    );
}

#[test]
pub(crate) fn a_layer_that_is_cut_off_says_where() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncomp";
    let server = serve(cut.into());
    let refused = failure(pull_blob(&server, &described(b"component")));
    assert!(
        matches!(
            refused,
            Failure::Truncated {
                expected: 9,
                received: 4
            }
        ),
        "{refused:?}"
    );
    let honest_but_short = serve(answer("200 OK", "", b"comp"));
    let refused = failure(pull_blob(&honest_but_short, &described(b"component")));
    assert!(
        matches!(refused, Failure::Truncated { received: 4, .. }),
        "{refused:?}"
    );
}

/// An answer that goes on for longer than anybody should read.
fn endless(start: &[u8]) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".as_bytes();
    [head, start, &vec![b' '; 8 << 20]].concat()
}

#[test]
pub(crate) fn a_layer_longer_than_its_manifest_says_is_cut_off() {
    let server = serve(endless(b"component"));
    let refused = failure(pull_blob(&server, &described(b"component")));
    assert!(
        matches!(refused, Failure::TooLarge { limit: 9 }),
        "{refused:?}"
    );
}

#[test]
pub(crate) fn a_layer_larger_than_the_limit_is_not_even_asked_for() {
    let server = serve(endless(b""));
    let mut layer = described(b"component");
    layer.size = LIMIT + 1;
    let refused = failure(pull_blob(&server, &layer));
    assert!(
        matches!(refused, Failure::TooLarge { limit: LIMIT }),
        "{refused:?}"
    );
    assert!(server.asked().is_empty());
}

#[test]
pub(crate) fn manifests_and_lists_of_tags_end_at_the_limit() {
    let server = serve(endless(b"{"));
    let refused = failure(pull_manifest(&server));
    assert!(
        matches!(refused, Failure::TooLarge { limit: LIMIT }),
        "{refused:?}"
    );
    let refused = failure(client().tags(&repository(&server.host)));
    assert!(
        matches!(refused, Failure::TooLarge { limit: LIMIT }),
        "{refused:?}"
    );
}

#[test]
pub(crate) fn a_list_of_tags_that_goes_round_in_circles_ends() {
    let link = "link: </v2/example/plugin/tags/list?n=1000>; rel=\"next\"\r\n";
    let server = serve(answer("200 OK", link, b"{\"tags\":[\"1.0\"]}"));
    let refused = failure(client().tags(&repository(&server.host)));
    assert!(matches!(refused, Failure::Malformed(_)), "{refused:?}");
}

#[test]
fn a_flood_of_tags_on_one_page_ends() {
    let tags = vec!["a"; 100_001];
    let page = serde_json::json!({ "tags": tags }).to_string();
    let server = serve(answer("200 OK", "", page.as_bytes()));
    let refused = failure(generous_client().tags(&repository(&server.host)));
    assert!(matches!(refused, Failure::Malformed(_)), "{refused:?}");
}

const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// Says that an artifact has these signatures; none of them is one.
fn signed_with(signatures: Vec<Descriptor>) -> HostileServer {
    let mut manifest = component(b"component").manifest().clone();
    manifest.layers = signatures;
    let bytes = manifest.to_bytes();
    HostileServer::start(move |asked| {
        let is_place = asked.path.contains("/manifests/") && asked.path.contains(".sig");
        match (is_place, asked.path.contains("/blobs/")) {
            (true, _) => answer("200 OK", "", &bytes),
            (_, true) => answer("200 OK", "", b"signature"),
            _ => answer("404 Not Found", "", b""),
        }
    })
}

fn verify(server: &HostileServer) -> Failure {
    let key = key(1).public();
    let artifact = repository(&server.host).tagged(tag("1.0"));
    let subject = component(b"component").digest();
    failure(generous_client().verify(&artifact, &subject, &key))
}

#[test]
fn a_flood_of_signatures_is_not_fetched() {
    let server = signed_with(vec![Descriptor::of(PAYLOAD_TYPE, b"signature"); 101]);
    let refused = verify(&server);
    assert!(matches!(refused, Failure::Malformed(_)), "{refused:?}");
    assert!(server.asked().len() <= 3, "{:?}", server.asked().len());
}

#[test]
fn a_signature_larger_than_any_is_not_even_asked_for() {
    let mut large = Descriptor::of(PAYLOAD_TYPE, b"signature");
    large.size = (1 << 20) + 1;
    let server = signed_with(vec![large]);
    let refused = verify(&server);
    assert!(
        matches!(refused, Failure::TooLarge { limit: 1_048_576 }),
        "{refused:?}"
    );
    let blobs = |asked: &Asked| asked.path.contains("/blobs/");
    assert!(!server.asked().iter().any(blobs));
}

#[test]
fn a_flood_of_bundles_is_not_fetched() {
    let manifest = component(b"bundle").manifest().to_bytes();
    let referrer = Descriptor::of("application/vnd.oci.image.manifest.v1+json", &manifest);
    let index = serde_json::json!({ "manifests": vec![referrer; 101] }).to_string();
    let server = HostileServer::start(move |asked| {
        if asked.path.contains("/referrers/") {
            answer("200 OK", "", index.as_bytes())
        } else if asked.path.contains("/manifests/sha256:") {
            answer("200 OK", "", &manifest)
        } else {
            answer("404 Not Found", "", b"")
        }
    });
    let refused = verify(&server);
    assert!(matches!(refused, Failure::Malformed(_)), "{refused:?}");
    assert!(server.asked().len() <= 3, "{:?}", server.asked().len());
}

#[test]
pub(crate) fn a_compressed_answer_is_not_unpacked() {
    let server = serve(answer("200 OK", "content-encoding: gzip\r\n", b"component"));
    assert_eq!(
        pull_blob(&server, &described(b"component")).unwrap(),
        b"component"
    );
}

#[test]
pub(crate) fn a_server_that_stalls_ends_in_time() {
    // Says that more will come, and then waits for the client to go.
    let server = HostileServer::start(|_| {
        std::thread::sleep(Duration::from_secs(5));
        Vec::new()
    });
    let client = limited(DockerConfig::default(), Duration::from_millis(500));
    let pulled = client.manifest(&repository(&server.host).tagged(tag("1.0")));
    assert!(matches!(failure(pulled), Failure::TimedOut));
}

#[test]
pub(crate) fn each_refusal_is_what_it_is() {
    let refusal = |status: &str| failure(pull_manifest(&serve(answer(status, "", b""))));
    assert!(matches!(
        refusal("403 Forbidden"),
        Failure::NotAllowed { status: 403, .. }
    ));
    assert!(matches!(refusal("404 Not Found"), Failure::NotFound));
    assert!(matches!(
        refusal("429 Too Many Requests"),
        Failure::Unavailable(429)
    ));
    assert!(matches!(
        refusal("500 Internal Server Error"),
        Failure::Unavailable(500)
    ));
    assert!(matches!(
        refusal("418 I'm a teapot"),
        Failure::Unexpected(418)
    ));
}

#[test]
fn what_an_artifact_says_it_is_cannot_write_to_the_terminal() {
    let odd = br#"{"mediaType":"\u001b]0;owned\u0007"}"#;
    let refused = failure(pull_manifest(&serve(answer("200 OK", "", odd))));
    let said = refused.to_string();
    assert!(!said.contains(char::is_control), "{said:?}");
}

#[test]
pub(crate) fn an_index_is_not_one_artifact() {
    let index = br#"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    let refused = failure(pull_manifest(&serve(answer("200 OK", "", index))));
    assert!(matches!(refused, Failure::OtherKind(_)), "{refused:?}");
}

const CHALLENGE: &str = "www-authenticate: Basic realm=\"x\"\r\n";

/// Asks for a login, and sends whoever logs in somewhere else.
fn redirector(target: String) -> HostileServer {
    HostileServer::start(move |asked: &Asked| {
        if asked.has_credentials() {
            let location = format!("location: {target}\r\n");
            answer("307 Temporary Redirect", &location, b"")
        } else {
            answer("401 Unauthorized", CHALLENGE, b"")
        }
    })
}

fn docker_config(server: &HostileServer) -> DockerConfig {
    logged_in(server, r#"{"username":"me","password":"secret"}"#)
}

fn logged_in(server: &HostileServer, login: &str) -> DockerConfig {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    std::fs::write(
        &path,
        format!(r#"{{"auths":{{"{}":{login}}}}}"#, server.host),
    )
    .unwrap();
    DockerConfig::read(&path).unwrap()
}

#[test]
pub(crate) fn credentials_do_not_follow_a_redirect_to_another_host() {
    let elsewhere = serve(answer("200 OK", "", b"component"));
    let server = redirector(format!("http://{}/stored", elsewhere.host));
    let client = client_with(docker_config(&server));
    let layer = client.blob(&repository(&server.host), &described(b"component"));
    assert_eq!(layer.unwrap(), b"component");
    let asked = elsewhere.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/stored");
    assert!(!asked[0].has_credentials(), "{}", asked[0].head);
}

#[test]
pub(crate) fn a_challenge_from_another_host_gets_no_credentials() {
    let elsewhere = serve(answer("401 Unauthorized", CHALLENGE, b""));
    let server = redirector(format!("http://{}/stored", elsewhere.host));
    let client = client_with(docker_config(&server));
    let refused = failure(client.blob(&repository(&server.host), &described(b"component")));
    assert!(
        matches!(refused, Failure::NotAllowed { status: 401, .. }),
        "{refused:?}"
    );
    assert!(
        elsewhere
            .asked()
            .iter()
            .all(|asked| !asked.has_credentials())
    );
}

#[test]
pub(crate) fn an_upload_to_another_host_goes_without_credentials() {
    let elsewhere = serve(answer("201 Created", "", b""));
    let location = format!("location: http://{}/upload?state=1\r\n", elsewhere.host);
    let server = HostileServer::start(move |asked| {
        let uploads = asked.path.ends_with("/uploads/");
        match asked.has_credentials() {
            false => answer("401 Unauthorized", CHALLENGE, b""),
            true if uploads => answer("202 Accepted", &location, b""),
            true => answer("404 Not Found", "", b""),
        }
    });
    let client = client_with(docker_config(&server));
    let replace = ztgit_registry::Replace::OnAnyChange;
    let pushed = client.push(
        &repository(&server.host),
        &tag("1.0"),
        &component(b"one"),
        replace,
        None,
    );
    assert!(
        matches!(failure(pushed), Failure::NotFound),
        "the manifest is refused"
    );
    let asked = elsewhere.asked();
    assert_eq!(asked.len(), 2, "config and layer");
    assert!(asked[0].path.starts_with("/upload?state=1&digest=sha256:"));
    assert!(asked.iter().all(|asked| !asked.has_credentials()));
}

#[test]
pub(crate) fn a_chain_of_redirects_ends() {
    let server = HostileServer::start(|asked| {
        answer(
            "307 Temporary Redirect",
            &format!("location: {}x\r\n", asked.path),
            b"",
        )
    });
    let refused = failure(pull_manifest(&server));
    assert!(matches!(refused, Failure::Redirect(_)), "{refused:?}");
    assert_eq!(server.asked().len(), 6);
}

#[test]
pub(crate) fn a_token_is_fetched_for_the_credentials_and_used() {
    let tokens = serve(answer("200 OK", "", br#"{"token":"abc"}"#));
    let realm = format!("http://{}/token", tokens.host);
    let challenge = format!(
        "www-authenticate: Bearer realm=\"{realm}\",service=\"registry\",scope=\"ignored\"\r\n"
    );
    let server = HostileServer::start(move |asked| {
        if asked.head.contains("authorization: Bearer abc") {
            answer("200 OK", "", b"component")
        } else {
            answer("401 Unauthorized", &challenge, b"")
        }
    });
    let client = client_with(docker_config(&server));
    for _ in 0..2 {
        let layer = client.blob(&repository(&server.host), &described(b"component"));
        assert_eq!(layer.unwrap(), b"component");
    }
    let asked = tokens.asked();
    assert_eq!(asked.len(), 1, "the token is remembered");
    assert_eq!(
        asked[0].path,
        "/token?scope=repository%3Aexample%2Fplugin%3Apull&service=registry"
    );
    assert!(asked[0].head.contains("authorization: Basic bWU6c2VjcmV0"));
}

#[test]
pub(crate) fn an_identity_token_is_exchanged_for_another_and_goes_nowhere_else() {
    let tokens = serve(answer("200 OK", "", br#"{"access_token":"abc"}"#));
    let realm = format!("http://{}/token", tokens.host);
    let challenge = format!("www-authenticate: Bearer realm=\"{realm}\",service=\"registry\"\r\n");
    let server = HostileServer::start(move |asked| {
        if asked.head.contains("authorization: Bearer abc") {
            answer("200 OK", "", b"component")
        } else {
            answer("401 Unauthorized", &challenge, b"")
        }
    });
    let client = client_with(logged_in(&server, r#"{"identitytoken":"long lived"}"#));
    let layer = client.blob(&repository(&server.host), &described(b"component"));
    assert_eq!(layer.unwrap(), b"component");
    let asked = tokens.asked();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].head.starts_with("POST /token HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert_eq!(
        asked[0].body,
        "scope=repository%3Aexample%2Fplugin%3Apull&service=registry&grant_type=refresh_token\
         &client_id=ztgit&refresh_token=long%20lived"
    );
    assert!(!asked[0].has_credentials(), "{asked:?}");
    let leaked = |asked: &Asked| asked.head.contains("long") || asked.body.contains("long");
    assert!(!server.asked().iter().any(leaked), "{:?}", server.asked());
}

#[test]
pub(crate) fn of_several_challenges_one_that_can_be_answered_is() {
    let server = HostileServer::start(|asked| {
        if asked.head.contains("authorization: Basic bWU6c2VjcmV0") {
            answer("200 OK", "", b"component")
        } else {
            let challenges = format!("www-authenticate: Negotiate\r\n{CHALLENGE}");
            answer("401 Unauthorized", &challenges, b"")
        }
    });
    let client = client_with(docker_config(&server));
    let layer = client.blob(&repository(&server.host), &described(b"component"));
    assert_eq!(layer.unwrap(), b"component");
}

#[test]
pub(crate) fn a_token_service_that_refuses_is_a_refusal() {
    let tokens = serve(answer("401 Unauthorized", "", b""));
    let realm = format!("http://{}/token", tokens.host);
    let challenge = format!("www-authenticate: Bearer realm=\"{realm}\"\r\n");
    let server = serve(answer("401 Unauthorized", &challenge, b""));
    let refused = failure(pull_manifest(&server));
    assert!(
        matches!(
            refused,
            Failure::NotAllowed {
                status: 401,
                with_credentials: false
            }
        ),
        "{refused:?}"
    );
}
