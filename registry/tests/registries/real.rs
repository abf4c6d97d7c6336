//! Debian's `docker-registry`, with TLS and a password.

use std::collections::BTreeMap;
use std::fs;

use ztgit_registry::flux::{self, Provenance};
use ztgit_registry::wasm;
use ztgit_registry::{
    Artifact, DockerConfig, Error, Failure, Pushed, Replace, Timestamp, TrustError, unpack,
};
use ztgit_test_support::{Guard, RegistryServer};

use crate::{client, client_of, component, failure, repository, tag};

#[test]
pub(crate) fn what_is_pushed_comes_back_by_tag_and_by_digest() {
    for guard in [Guard::Open, Guard::Locked] {
        let Some(server) = RegistryServer::start(guard) else {
            return;
        };
        let (client, repository) = (client_of(&server), repository(server.host()));
        let pushed = client
            .push(
                &repository,
                &tag("1.0"),
                &component(b"one"),
                Replace::OnAnyChange,
                None,
            )
            .unwrap();
        assert_eq!(pushed, Pushed::New(component(b"one").digest()));
        let by_tag = client.manifest(&repository.tagged(tag("1.0"))).unwrap();
        assert_eq!(by_tag.digest, pushed.digest());
        let by_digest = client.manifest(&repository.pinned(by_tag.digest)).unwrap();
        assert_eq!(by_digest, by_tag);
        let layer = wasm::layer(&by_tag.manifest).unwrap();
        assert_eq!(client.blob(&repository, layer).unwrap(), b"one");
    }
}

#[test]
pub(crate) fn an_artifact_that_is_there_is_not_pushed_again() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let push = |content| {
        let artifact = component(content);
        client
            .push(
                &repository,
                &tag("1.0"),
                &artifact,
                Replace::OnAnyChange,
                None,
            )
            .unwrap()
    };
    let first = push(b"one");
    assert_eq!(push(b"one"), Pushed::Unchanged(first.digest()));
    assert!(matches!(push(b"two"), Pushed::New(digest) if digest != first.digest()));
}

#[test]
pub(crate) fn a_tag_that_may_not_move_is_refused_with_both_digests() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let push = |content| {
        let artifact = component(content);
        client.push(&repository, &tag("1.0"), &artifact, Replace::Never, None)
    };
    let first = push(b"one").unwrap();
    assert_eq!(push(b"one").unwrap(), Pushed::Unchanged(first.digest()));
    let Err(Error::Taken {
        existing, refused, ..
    }) = push(b"two")
    else {
        panic!("it was moved")
    };
    assert_eq!(existing, first.digest());
    assert_eq!(refused, component(b"two").digest());
    let now = client.manifest(&repository.tagged(tag("1.0"))).unwrap();
    assert_eq!(now.digest, first.digest());
}

fn slice(content: &str, revision: &str) -> Artifact {
    let files = BTreeMap::from([("rendered/home/a.yaml".to_owned(), content.into())]);
    let provenance = Provenance {
        source: "https://git.example.net/fleet.git".to_owned(),
        revision: revision.to_owned(),
        created: Timestamp::from_unix(1_700_000_000),
    };
    flux::artifact(&files, &provenance).unwrap()
}

#[test]
pub(crate) fn a_commit_that_does_not_concern_a_cluster_leaves_its_artifact() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let push = |artifact: &Artifact| {
        client
            .push(
                &repository,
                &tag("latest"),
                artifact,
                Replace::OnNewContent,
                None,
            )
            .unwrap()
    };
    let first = push(&slice("a: 1\n", "main@sha1:aaaa"));
    let unconcerned = push(&slice("a: 1\n", "main@sha1:bbbb"));
    assert_eq!(unconcerned, Pushed::Unchanged(first.digest()));
    assert!(matches!(
        push(&slice("a: 2\n", "main@sha1:cccc")),
        Pushed::New(_)
    ));

    let pulled = client.manifest(&repository.tagged(tag("latest"))).unwrap();
    let revision = &pulled.manifest.annotations["org.opencontainers.image.revision"];
    assert_eq!(revision, "main@sha1:cccc");
    let layer = client
        .blob(&repository, &pulled.manifest.layers[0])
        .unwrap();
    assert_eq!(
        unpack(&layer, 1 << 20).unwrap()["rendered/home/a.yaml"],
        b"a: 2\n"
    );
}

#[test]
pub(crate) fn all_tags_are_listed() {
    let Some(server) = RegistryServer::start(Guard::Locked) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    for name in ["1.0", "1.1", "latest"] {
        client
            .push(
                &repository,
                &tag(name),
                &component(b"one"),
                Replace::OnAnyChange,
                None,
            )
            .unwrap();
    }
    let mut tags = client.tags(&repository).unwrap();
    tags.sort();
    assert_eq!(tags, [tag("1.0"), tag("1.1"), tag("latest")]);
}

#[test]
pub(crate) fn what_is_not_there_is_not_found() {
    let Some(server) = RegistryServer::start(Guard::Locked) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let missing = client.manifest(&repository.tagged(tag("1.0")));
    assert!(matches!(failure(missing), Failure::NotFound));
    assert!(matches!(
        failure(client.tags(&repository)),
        Failure::NotFound
    ));
}

#[test]
pub(crate) fn without_a_login_nothing_is_allowed() {
    let Some(server) = RegistryServer::start(Guard::Locked) else {
        return;
    };
    let reference = repository(server.host()).tagged(tag("1.0"));
    let anybody = client(Some(server.authorities()), DockerConfig::default());
    let refused = failure(anybody.manifest(&reference));
    assert_eq!(
        refused.to_string(),
        "the registry wants a login: use `docker login`"
    );

    let config = server.docker_config().join("config.json");
    let wrong = fs::read_to_string(&config)
        .unwrap()
        .replace(server.login().1, "wrong");
    fs::write(&config, wrong).unwrap();
    let refused = failure(client_of(&server).manifest(&reference));
    assert_eq!(refused.to_string(), "the registry refuses the credentials");
}

#[test]
pub(crate) fn a_certificate_that_nobody_vouches_for_is_refused() {
    let Some(server) = RegistryServer::start(Guard::Locked) else {
        return;
    };
    let docker = DockerConfig::read(&server.docker_config().join("config.json")).unwrap();
    let stranger = client(None, docker);
    let refused = stranger.manifest(&repository(server.host()).tagged(tag("1.0")));
    let refused = failure(refused);
    assert!(
        matches!(&refused, Failure::Unreachable(error) if error.to_string().contains("certificate")),
        "{refused:?}"
    );
}

#[test]
pub(crate) fn a_layer_that_was_changed_in_the_registry_is_refused() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let artifact = component(b"component");
    client
        .push(
            &repository,
            &tag("1.0"),
            &artifact,
            Replace::OnAnyChange,
            None,
        )
        .unwrap();
    let layer = artifact.layer().descriptor();
    fs::write(server.blob(&layer.digest.hex()), b"componenT").unwrap();
    let refused = client.blob(&repository, layer).unwrap_err();
    assert!(
        matches!(refused, Error::Trust(TrustError::Blob { expected, .. }) if expected == layer.digest),
        "{refused}"
    );
}
