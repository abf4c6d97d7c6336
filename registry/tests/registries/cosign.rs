//! Signatures of ours in the hands of cosign, and the other way round.
//!
//! Slow, because cosign is built from the Go module proxy: `--ignored`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ztgit_registry::{PublicKey, Replace, SigningKey};
use ztgit_test_support::{Guard, RegistryServer, cosign, said};

use crate::{client_of, component, repository, tag};

const PASSWORD: &str = "a password";

struct Cosign {
    program: PathBuf,
    server: RegistryServer,
    directory: tempfile::TempDir,
}

impl Cosign {
    fn start() -> Option<Self> {
        let program = cosign()?;
        let server = RegistryServer::start(Guard::Locked)?;
        let directory = tempfile::tempdir().unwrap();
        let cosign = Self {
            program,
            server,
            directory,
        };
        cosign.succeeds(&["generate-key-pair"]);
        // Without a transparency log, whose services are out of reach.
        let config = r#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}"#;
        std::fs::write(cosign.path("signing.json"), config).unwrap();
        Some(cosign)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env("COSIGN_PASSWORD", PASSWORD)
            .env("DOCKER_CONFIG", self.server.docker_config())
            .env("SSL_CERT_FILE", self.server.authorities())
            .output()
            .unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    }

    fn verifies(&self, reference: &str, key: &Path) -> Output {
        let key = key.display().to_string();
        self.run(&["verify", "--key", &key, "--insecure-ignore-tlog", reference])
    }
}

#[test]
#[ignore = "builds cosign"]
fn cosign_verifies_our_signatures() {
    let Some(cosign) = Cosign::start() else {
        return;
    };
    let (client, repository) = (client_of(&cosign.server), repository(cosign.server.host()));
    let key = SigningKey::from_pem(&cosign.text("cosign.key"), Some(PASSWORD.as_bytes())).unwrap();
    assert_eq!(key.public().to_pem(), cosign.text("cosign.pub"));
    let push = |name: &str, content: &[u8], key: Option<&SigningKey>| {
        let artifact = component(content);
        let pushed = client.push(
            &repository,
            &tag(name),
            &artifact,
            Replace::OnAnyChange,
            key,
        );
        repository.pinned(pushed.unwrap().digest()).to_string()
    };
    let signed = push("1.0", b"one", Some(&key));
    let unsigned = push("1.1", b"two", None);
    let output = cosign.verifies(&signed, &cosign.path("cosign.pub"));
    assert!(output.status.success(), "{}", said(&output));
    let output = cosign.verifies(&unsigned, &cosign.path("cosign.pub"));
    assert!(
        said(&output).contains("no signatures found"),
        "{}",
        said(&output)
    );
}

#[test]
#[ignore = "builds cosign"]
fn we_verify_what_cosign_signs_as_a_bundle_and_under_a_tag() {
    let Some(cosign) = Cosign::start() else {
        return;
    };
    let (client, repository) = (client_of(&cosign.server), repository(cosign.server.host()));
    let key = PublicKey::from_pem(&cosign.text("cosign.pub")).unwrap();
    let as_bundle = ["--signing-config", "signing.json"];
    let under_a_tag = [
        "--use-signing-config=false",
        "--new-bundle-format=false",
        "--tlog-upload=false",
    ];
    for (name, form) in [
        ("1.0", as_bundle.as_slice()),
        ("1.1", under_a_tag.as_slice()),
    ] {
        let artifact = component(name.as_bytes());
        let pushed = client.push(
            &repository,
            &tag(name),
            &artifact,
            Replace::OnAnyChange,
            None,
        );
        let reference = repository.pinned(pushed.unwrap().digest());
        let verify = || client.verify(&reference, &artifact.digest(), &key);
        assert!(verify().is_err(), "nobody has signed it yet");
        let place = reference.to_string();
        let sign = ["sign", "--yes", "--key", "cosign.key"];
        cosign.succeeds(&[&sign, form, &[place.as_str()]].concat());
        verify().unwrap();
    }
}
