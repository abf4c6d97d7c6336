//! Pushing: parts first, then the signature, the tag last. So a tag never
//! stands for something that is not complete.

use ureq::http::{Method, Uri};

use crate::client::failed;
use crate::http::Call;
use crate::manifest::MANIFEST_TYPES;
use crate::session::{Access, Session, SessionError};
use crate::signature::SigningKey;
use crate::{
    Artifact, Blob, Client, Digest, Error, Failure, Manifest, Pulled, Reference, Repository, Tag,
    TrustError,
};

/// When a tag moves to a new artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Whenever the artifact is another.
    OnAnyChange,
    /// Only where its content is another: annotations alone do not count.
    OnNewContent,
    /// Never: whose content is another is refused.
    Never,
}

/// What a push did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// The tag stands for this artifact from now on.
    New(Digest),
    /// The tag stood for this artifact already, and still does.
    Unchanged(Digest),
}

impl Pushed {
    /// What the tag stands for.
    pub fn digest(self) -> Digest {
        match self {
            Self::New(digest) | Self::Unchanged(digest) => digest,
        }
    }
}

impl Client {
    /// Makes a tag stand for an artifact, signed where there is a key.
    pub fn push(
        &self,
        repository: &Repository,
        tag: &Tag,
        artifact: &Artifact,
        replace: Replace,
        key: Option<&SigningKey>,
    ) -> Result<Pushed, Error> {
        let reference = repository.tagged(tag.clone());
        if let Some(existing) = found(self.manifest_for(&reference, Access::Push))? {
            if is_same(artifact, &existing, replace)
                && self.is_signed(&reference, artifact, &existing, key)?
            {
                return Ok(Pushed::Unchanged(existing.digest));
            }
            if replace == Replace::Never {
                return Err(Error::Taken {
                    subject: reference.to_string(),
                    existing: existing.digest,
                    refused: artifact.digest(),
                });
            }
        }
        let failed = |error| failed("push", &reference, error);
        let digest = artifact.digest();
        self.upload(repository, &artifact.blobs()).map_err(failed)?;
        if let Some(key) = key {
            self.put_manifest(repository, &digest.to_string(), artifact.manifest())
                .map_err(failed)?;
            self.sign(repository, &digest, key)?;
        }
        self.put_manifest(repository, tag.as_str(), artifact.manifest())
            .map_err(failed)?;
        Ok(Pushed::New(digest))
    }

    /// Whether what is there is as it should be where there is a key. Its manifest is
    /// signed now if it is the artifact's: another one, with the same content, may be
    /// anybody's, and counts only if the key has signed it before.
    fn is_signed(
        &self,
        reference: &Reference,
        artifact: &Artifact,
        existing: &Pulled,
        key: Option<&SigningKey>,
    ) -> Result<bool, Error> {
        let Some(key) = key else {
            return Ok(true);
        };
        if existing.digest == artifact.digest() {
            self.sign(reference.repository(), &existing.digest, key)?;
            return Ok(true);
        }
        match self.verify(reference, &existing.digest, &key.public()) {
            Ok(_) => Ok(true),
            Err(Error::Trust(TrustError::Signature(_))) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn upload(
        &self,
        repository: &Repository,
        blobs: &[&Blob],
    ) -> Result<(), SessionError> {
        let session = self.session(repository, Access::Push)?;
        for blob in blobs {
            upload(&session, blob)?;
        }
        Ok(())
    }

    /// `name` is a tag or the manifest's own digest.
    pub(crate) fn put_manifest(
        &self,
        repository: &Repository,
        name: &str,
        manifest: &Manifest,
    ) -> Result<(), SessionError> {
        let session = self.session(repository, Access::Push)?;
        let address = session.address(&format!("manifests/{name}"))?;
        let bytes = manifest.to_bytes();
        let call = Call::new(Method::PUT, address)
            .header("content-type", MANIFEST_TYPES[0])
            .body(&bytes);
        session.send(call)?;
        Ok(())
    }
}

/// `None` where the registry says that there is nothing.
pub(crate) fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::Registry {
            failure: Failure::NotFound,
            ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_same(artifact: &Artifact, existing: &Pulled, replace: Replace) -> bool {
    match replace {
        Replace::OnAnyChange => artifact.digest() == existing.digest,
        Replace::OnNewContent | Replace::Never => {
            contents(artifact.manifest()) == contents(&existing.manifest)
        }
    }
}

fn contents(manifest: &Manifest) -> Vec<Digest> {
    manifest.layers.iter().map(|layer| layer.digest).collect()
}

fn upload(session: &Session<'_>, blob: &Blob) -> Result<(), SessionError> {
    let digest = blob.descriptor().digest;
    let present = Call::new(Method::HEAD, session.address(&format!("blobs/{digest}"))?);
    match session.send(present) {
        Ok(_) => return Ok(()),
        Err(SessionError::Failure(Failure::NotFound)) => {}
        Err(error) => return Err(error),
    }
    let start = Call::new(Method::POST, session.address("blobs/uploads/")?);
    let place = session.send(start)?.location()?;
    let finish = Call::new(Method::PUT, with_digest(&place, &digest)?)
        .header("content-type", "application/octet-stream")
        .body(blob.bytes());
    session.send(finish)?;
    Ok(())
}

/// The address of an upload has a query of its own, with the upload's state.
fn with_digest(place: &Uri, digest: &Digest) -> Result<Uri, Failure> {
    let separator = if place.query().is_some() { '&' } else { '?' };
    let address = format!("{place}{separator}digest={digest}");
    address
        .parse()
        .map_err(|_| Failure::Malformed(format!("`{place}` is no address")))
}
