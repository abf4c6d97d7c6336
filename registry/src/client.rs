//! What registries are asked for: manifests, blobs, tags, and to take new ones.

use std::io::Read as _;

use serde::Deserialize;
use ureq::http::{Method, Uri};

use crate::digest::Digester;
use crate::http::{Answer, Call, Http, read_failure, resolve};
use crate::manifest::{INDEX_TYPE, Index, MANIFEST_TYPES};
use crate::session::{Access, Memory, Session, SessionError};
use crate::{
    Connection, Descriptor, Digest, DockerConfig, Error, Failure, Manifest, Reference, Repository,
    Tag, TrustError,
};

/// How much one is ready to take from a registry.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a manifest, or of a page of tags.
    pub manifest: u64,
    /// Bytes of a layer.
    pub layer: u64,
}

impl Default for Limits {
    /// 4 MiB is what registries themselves allow a manifest.
    fn default() -> Self {
        Self {
            manifest: 4 << 20,
            layer: 256 << 20,
        }
    }
}

/// Pages of tags that are read.
const MAX_PAGES: usize = 100;
/// How many tags a page has, if the registry does as it is asked.
const PAGE: usize = 1_000;

/// A manifest that hashes to what it was asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// What names the artifact.
    pub digest: Digest,
    /// What it is made of.
    pub manifest: Manifest,
    /// The manifest as the registry has it, to be kept.
    pub bytes: Vec<u8>,
}

/// Speaks to registries. Remembers tokens, so one is enough for a run; any
/// number of threads may share it.
pub struct Client {
    http: Http,
    docker: DockerConfig,
    limits: Limits,
    memory: Memory,
}

impl Client {
    /// A client that has not spoken to anybody yet.
    pub fn new(connection: Connection, docker: DockerConfig, limits: Limits) -> Self {
        Self {
            http: Http::new(connection),
            docker,
            limits,
            memory: Memory::default(),
        }
    }

    /// The manifest that a reference stands for.
    pub fn manifest(&self, reference: &Reference) -> Result<Pulled, Error> {
        self.manifest_for(reference, Access::Pull)
    }

    pub(crate) fn manifest_for(
        &self,
        reference: &Reference,
        access: Access,
    ) -> Result<Pulled, Error> {
        let failed = |error| failed("pull", reference, error);
        let (bytes, stated) = self.fetch_manifest(reference, access).map_err(failed)?;
        let actual = Digest::of(&bytes);
        // What was asked for by its digest has to be that. What was asked for by
        // a tag has to be at least what the registry itself says that it is.
        if let Some(expected) = reference.digest().copied().or(stated)
            && expected != actual
        {
            return Err(Error::Trust(TrustError::Manifest {
                subject: reference.to_string(),
                expected,
                actual,
            }));
        }
        let manifest = Manifest::parse(&bytes).map_err(|failure| failed(failure.into()))?;
        Ok(Pulled {
            digest: actual,
            manifest,
            bytes,
        })
    }

    fn fetch_manifest(
        &self,
        reference: &Reference,
        access: Access,
    ) -> Result<(Vec<u8>, Option<Digest>), SessionError> {
        let session = self.session(reference.repository(), access)?;
        let address = session.address(&format!("manifests/{}", reference.query()))?;
        let accept = [MANIFEST_TYPES.as_slice(), &[INDEX_TYPE]]
            .concat()
            .join(", ");
        let answer = session.send(Call::new(Method::GET, address).header("accept", &accept))?;
        let stated = answer
            .header("docker-content-digest")
            .and_then(|digest| digest.parse().ok());
        Ok((answer.bytes(self.limits.manifest)?, stated))
    }

    /// The bytes of a part. They hash to what the descriptor says: others are
    /// never handed out.
    pub fn blob(&self, repository: &Repository, blob: &Descriptor) -> Result<Vec<u8>, Error> {
        self.blob_within(repository, blob, self.limits.layer)
    }

    /// The same for a part that is never larger than `limit`.
    pub(crate) fn blob_within(
        &self,
        repository: &Repository,
        blob: &Descriptor,
        limit: u64,
    ) -> Result<Vec<u8>, Error> {
        let failed = |error| failed("pull a layer from", repository, error);
        if blob.size > limit {
            return Err(failed(Failure::TooLarge { limit }.into()));
        }
        let (bytes, actual) = self.fetch_blob(repository, blob).map_err(failed)?;
        if actual != blob.digest {
            return Err(Error::Trust(TrustError::Blob {
                repository: repository.to_string(),
                expected: blob.digest,
                actual,
            }));
        }
        Ok(bytes)
    }

    /// Reads no more than the size that the manifest states, and hashes on the way.
    fn fetch_blob(
        &self,
        repository: &Repository,
        blob: &Descriptor,
    ) -> Result<(Vec<u8>, Digest), SessionError> {
        let session = self.session(repository, Access::Pull)?;
        let address = session.address(&format!("blobs/{}", blob.digest))?;
        let mut reader = session
            .send(Call::new(Method::GET, address))?
            .reader(blob.size);
        let mut bytes = Vec::new();
        let mut digester = Digester::default();
        let mut buffer = vec![0; 64 << 10];
        let truncated = |bytes: &[u8]| Failure::Truncated {
            expected: blob.size,
            received: bytes.len() as u64,
        };
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    digester.update(&buffer[..count]);
                    bytes.extend_from_slice(&buffer[..count]);
                }
                Err(error) => {
                    return Err(match read_failure(error) {
                        Failure::TimedOut => Failure::TimedOut,
                        _ => truncated(&bytes),
                    }
                    .into());
                }
            }
        }
        match (bytes.len() as u64).cmp(&blob.size) {
            std::cmp::Ordering::Less => Err(truncated(&bytes).into()),
            std::cmp::Ordering::Greater => Err(Failure::TooLarge { limit: blob.size }.into()),
            std::cmp::Ordering::Equal => Ok((bytes, digester.finish())),
        }
    }

    /// All tags of a repository, in the registry's order.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, Error> {
        self.fetch_tags(repository)
            .map_err(|error| failed("list the tags of", repository, error))
    }

    fn fetch_tags(&self, repository: &Repository) -> Result<Vec<Tag>, SessionError> {
        #[derive(Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let session = self.session(repository, Access::Pull)?;
        let mut next = Some(session.address(&format!("tags/list?n={PAGE}"))?);
        let mut tags = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(address) = next else {
                return Ok(tags);
            };
            let answer = session.send(Call::new(Method::GET, address))?;
            next = next_page(&answer)?;
            let page: Page = json(&answer.bytes(self.limits.manifest)?)?;
            let names = page.tags.unwrap_or_default();
            // What is no tag cannot be referred to either.
            tags.extend(names.iter().filter_map(|tag| tag.parse::<Tag>().ok()));
            if tags.len() > MAX_PAGES * PAGE {
                break;
            }
        }
        Err(Failure::Malformed("its list of tags does not end".to_owned()).into())
    }

    /// The manifests that say of themselves to be about this one.
    pub(crate) fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Error> {
        self.fetch_referrers(repository, subject)
            .map_err(|error| failed("list what refers to", &repository.pinned(*subject), error))
    }

    /// From the API for it, or else from the tag that stands in for it.
    fn fetch_referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, SessionError> {
        let session = self.session(repository, Access::Pull)?;
        let places = [
            format!("referrers/{subject}"),
            format!("manifests/sha256-{}", subject.hex()),
        ];
        for place in &places {
            let call = Call::new(Method::GET, session.address(place)?);
            match session.send(call.header("accept", INDEX_TYPE)) {
                Ok(answer) => {
                    let index: Index = json(&answer.bytes(self.limits.manifest)?)?;
                    return Ok(index.manifests);
                }
                Err(SessionError::Failure(Failure::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Vec::new())
    }

    pub(crate) fn session<'a>(
        &'a self,
        repository: &'a Repository,
        access: Access,
    ) -> Result<Session<'a>, SessionError> {
        Session::open(&self.http, &self.docker, &self.memory, repository, access)
    }
}

/// Says what was tried when something failed.
pub(crate) fn failed(
    action: &'static str,
    subject: &dyn std::fmt::Display,
    error: SessionError,
) -> Error {
    match error {
        SessionError::Failure(failure) => Error::Registry {
            action,
            subject: subject.to_string(),
            failure,
        },
        SessionError::Credentials(error) => Error::Credentials(error),
    }
}

impl Manifest {
    /// Reads a manifest; one that lists several artifacts is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default, rename = "mediaType")]
            media_type: String,
        }
        let kind: Kind = json(bytes)?;
        let known = kind.media_type.is_empty() || MANIFEST_TYPES.contains(&&*kind.media_type);
        if !known {
            let kind = format!("{:?}, not one artifact", kind.media_type);
            return Err(Failure::OtherKind(kind));
        }
        json(bytes)
    }
}

fn json<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::Malformed(error.to_string()))
}

/// `Link: </v2/…>; rel="next"`.
fn next_page(answer: &Answer) -> Result<Option<Uri>, Failure> {
    let Some(link) = answer.header("link") else {
        return Ok(None);
    };
    let address = link
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    match address {
        Some((address, rest)) if rest.contains("next") => resolve(&answer.uri, address).map(Some),
        _ => Ok(None),
    }
}
