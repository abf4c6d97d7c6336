//! Signatures, made and verified at a real registry.

use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use ztgit_registry::wasm::{self, VERSION_ANNOTATION};
use ztgit_registry::{
    Artifact, Client, Error, KeyError, Proof, PublicKey, Pushed, Replace, Repository,
    SignatureError, SigningKey, TrustError,
};
use ztgit_test_support::{Guard, RegistryServer};

use crate::{client_of, component, repository, tag};

/// A key of which each byte is this one.
pub(crate) fn key(byte: u8) -> SigningKey {
    let key = p256::SecretKey::from_slice(&[byte; 32]).unwrap();
    SigningKey::from_pem(&key.to_pkcs8_pem(LineEnding::LF).unwrap(), None).unwrap()
}

fn push(
    client: &Client,
    repository: &Repository,
    content: &[u8],
    key: Option<&SigningKey>,
) -> Pushed {
    client
        .push(
            repository,
            &tag("1.0"),
            &component(content),
            Replace::OnAnyChange,
            key,
        )
        .unwrap()
}

fn verdict(
    client: &Client,
    repository: &Repository,
    pushed: Pushed,
    key: &PublicKey,
) -> Result<(), SignatureError> {
    let digest = pushed.digest();
    match client.verify(&repository.pinned(digest), &digest, key) {
        Err(Error::Trust(TrustError::Signature(error))) => Err(error),
        Err(other) => panic!("no verdict: {other}"),
        Ok(proof) => proof.verify(&repository.pinned(digest), &digest, key),
    }
}

#[test]
pub(crate) fn a_signature_holds_for_its_key_only() {
    let Some(server) = RegistryServer::start(Guard::Locked) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let pushed = push(&client, &repository, b"one", Some(&key(1)));
    let verdict = |key: &SigningKey| verdict(&client, &repository, pushed, &key.public());
    assert_eq!(verdict(&key(1)), Ok(()));
    assert!(matches!(verdict(&key(2)), Err(SignatureError::OtherKey(_))));
}

#[test]
pub(crate) fn what_somebody_else_wrote_around_the_same_content_is_not_signed() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let content = b"one".to_vec();
    let version = (VERSION_ANNOTATION.to_owned(), "999.0.0".to_owned());
    let theirs = wasm::artifact(content, wasm::Interfaces::default(), [version].into());
    let push = |artifact: &Artifact, replace, key: Option<&SigningKey>| {
        client.push(&repository, &tag("1.0"), artifact, replace, key)
    };
    push(&theirs, Replace::OnAnyChange, None).unwrap();
    let refused = push(&component(b"one"), Replace::Never, Some(&key(1)));
    assert!(matches!(refused, Err(Error::Taken { .. })), "{refused:?}");
    let replaced = push(&component(b"one"), Replace::OnNewContent, Some(&key(1)));
    assert_eq!(replaced.unwrap(), Pushed::New(component(b"one").digest()));
    // What one's own key has signed before is as good as new.
    let again = push(&theirs, Replace::OnNewContent, Some(&key(1)));
    assert_eq!(
        again.unwrap(),
        Pushed::Unchanged(component(b"one").digest())
    );
    let foreign = client.verify(
        &repository.pinned(theirs.digest()),
        &theirs.digest(),
        &key(1).public(),
    );
    let unsigned = SignatureError::Unsigned(repository.pinned(theirs.digest()).to_string());
    match foreign {
        Err(Error::Trust(TrustError::Signature(error))) => assert_eq!(error, unsigned),
        other => panic!("{other:?}"),
    }
}

#[test]
pub(crate) fn an_artifact_without_signature_is_unsigned() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let pushed = push(&client, &repository, b"one", None);
    let verdict = verdict(&client, &repository, pushed, &key(1).public());
    assert!(matches!(verdict, Err(SignatureError::Unsigned(_))));
}

#[test]
pub(crate) fn signatures_of_several_keys_stand_beside_each_other() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let pushed = push(&client, &repository, b"one", Some(&key(1)));
    client.sign(&repository, &pushed.digest(), &key(2)).unwrap();
    client.sign(&repository, &pushed.digest(), &key(1)).unwrap();
    for byte in [1, 2] {
        let verdict = verdict(&client, &repository, pushed, &key(byte).public());
        assert_eq!(verdict, Ok(()));
    }
    let place = format!("sha256-{}.sig", pushed.digest().hex());
    let signatures = client.manifest(&repository.tagged(tag(&place))).unwrap();
    assert_eq!(signatures.manifest.layers.len(), 2, "none was made twice");
}

#[test]
pub(crate) fn a_signature_of_another_artifact_is_told_apart() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let signed = push(&client, &repository, b"old", Some(&key(1)));
    let unsigned = push(&client, &repository, b"new", None);
    copy_signatures(&server, &repository, signed, unsigned);
    let verdict = verdict(&client, &repository, unsigned, &key(1).public());
    let expected = signed.digest();
    assert!(
        matches!(verdict, Err(SignatureError::OtherArtifact { signed, .. }) if signed == expected),
        "{verdict:?}"
    );
}

/// What somebody would do who can write to the registry and has no key.
fn copy_signatures(server: &RegistryServer, repository: &Repository, from: Pushed, to: Pushed) {
    let tags = format!(
        "storage/docker/registry/v2/repositories/{}/_manifests/tags",
        repository.path()
    );
    let tags = server.docker_config().parent().unwrap().join(tags);
    let tag = |pushed: Pushed| tags.join(format!("sha256-{}.sig", pushed.digest().hex()));
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([tag(from), tag(to)])
        .status();
    assert!(copied.unwrap().success());
}

#[test]
pub(crate) fn a_proof_is_kept_as_text_and_holds_for_its_artifact_only() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    let digest = push(&client, &repository, b"one", Some(&key(1))).digest();
    let reference = repository.pinned(digest);
    let proof = client
        .verify(&reference, &digest, &key(1).public())
        .unwrap();
    let kept: Proof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
    assert_eq!(kept.verify(&reference, &digest, &key(1).public()), Ok(()));
    let other_key = kept.verify(&reference, &digest, &key(2).public());
    assert!(matches!(other_key, Err(SignatureError::OtherKey(_))));
    let other = component(b"two").digest();
    let other_artifact = kept.verify(&reference, &other, &key(1).public());
    assert!(matches!(
        other_artifact,
        Err(SignatureError::OtherArtifact { .. })
    ));
}

#[test]
pub(crate) fn an_artifact_that_is_there_unsigned_is_signed_by_a_push() {
    let Some(server) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let (client, repository) = (client_of(&server), repository(server.host()));
    push(&client, &repository, b"one", None);
    let pushed = push(&client, &repository, b"one", Some(&key(1)));
    assert!(matches!(pushed, Pushed::Unchanged(_)));
    assert_eq!(
        verdict(&client, &repository, pushed, &key(1).public()),
        Ok(())
    );
}

#[test]
pub(crate) fn a_public_key_reads_what_it_writes() {
    let public = key(1).public();
    assert_eq!(PublicKey::from_pem(&public.to_pem()), Ok(public));
    assert_eq!(
        PublicKey::from_pem("ssh-ed25519 AAAA"),
        Err(KeyError::NotPublic)
    );
}

#[test]
pub(crate) fn what_is_no_key_says_why() {
    let refusal = |text: &str| SigningKey::from_pem(text, None).err();
    assert_eq!(refusal("secret"), Some(KeyError::NotPem));
    assert_eq!(
        refusal(&key(1).public().to_pem()),
        Some(KeyError::NotPrivate)
    );
    let encrypted = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\ne30=\n\
                     -----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
    assert_eq!(refusal(encrypted), Some(KeyError::NoPassword));
    let other = SigningKey::from_pem(encrypted, Some(b"x")).err();
    assert_eq!(other, Some(KeyError::OtherEncryption));
}
