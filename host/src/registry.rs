//! Components from OCI registries, through a cache in the user's directory.
//!
//! What is pinned is taken from the cache where it is there; manifest and
//! component are hashed whenever they are read. Looking something up is the only
//! way to get what is not pinned, and never happens while rendering.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use semver::Version;
use ztgit_registry::{
    Cache, CacheError, Client, Connection, CredentialsError, Descriptor, Digest, DockerConfig,
    Failure, Limits, Manifest, PlainHttp, Proof, PublicKey, Reference, wasm,
};

/// How long one request may take: a component of the largest size over a slow line.
const TIMEOUT: Duration = Duration::from_mins(2);
const LIMITS: Limits = Limits {
    manifest: 4 << 20,
    layer: 64 << 20,
};

/// How registries are reached, and what is kept of them.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// Whether they may be asked at all.
    pub reach: Reach,
    /// Docker's configuration, with the credentials.
    pub docker_config: Option<PathBuf>,
    /// The user's cache directory.
    pub cache: Option<PathBuf>,
    /// Certificate authorities besides the system's.
    pub authorities: Option<PathBuf>,
    /// Which registries are spoken to without TLS.
    pub plain_http: PlainHttp,
}

/// Whether registries may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// They may.
    Online,
    /// Only the cache.
    Offline,
}

/// Registries and the cache in front of them.
pub struct Registries {
    settings: RegistrySettings,
    client: OnceLock<Client>,
}

/// What a reference stands for at the moment.
pub struct Found {
    /// Which artifact.
    pub manifest: Digest,
    /// Which version it says that it is.
    pub version: Option<Version>,
    /// The component in it.
    pub component: Vec<u8>,
    /// That it is signed, where that was demanded.
    pub proof: Option<Proof>,
}

/// Why a component cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The registry does not give it, or gives something else.
    #[error(transparent)]
    Registry(#[from] ztgit_registry::Error),
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The cache cannot be read, or was changed.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// It would have to be fetched.
    #[error("{0} is not in the cache, and `--offline` forbids to fetch it")]
    NotCached(String),
    /// Only the registry can tell.
    #[error("{0} is for its registry to say, and `--offline` forbids to ask it")]
    Offline(String),
    /// The artifact is something else.
    #[error("{0} is no WebAssembly component")]
    NotAComponent(String),
    /// The manifest in the cache cannot be read.
    #[error("the manifest of {0} cannot be read")]
    Manifest(String, #[source] Failure),
}

impl Registries {
    /// Nothing is read and nobody is asked before it is needed.
    pub fn new(settings: RegistrySettings) -> Self {
        Self {
            settings,
            client: OnceLock::new(),
        }
    }

    /// The client, where registries may be asked for the sake of `reference`.
    pub fn client(&self, reference: &Reference) -> Result<&Client, FetchError> {
        if self.settings.reach == Reach::Offline {
            return Err(FetchError::Offline(reference.to_string()));
        }
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let docker = match &self.settings.docker_config {
            Some(directory) => DockerConfig::read(&directory.join("config.json"))?,
            None => DockerConfig::default(),
        };
        let connection = Connection {
            authorities: self.settings.authorities.clone(),
            plain_http: self.settings.plain_http,
            timeout: TIMEOUT,
        };
        Ok(self
            .client
            .get_or_init(|| Client::new(connection, docker, LIMITS)))
    }

    /// The client, to fetch what the cache has not.
    fn fetching(&self, reference: &Reference) -> Result<&Client, FetchError> {
        self.client(reference).map_err(|error| match error {
            FetchError::Offline(what) => FetchError::NotCached(what),
            error => error,
        })
    }

    /// Looks up what a reference stands for. With a key, nothing comes back that
    /// is not signed with it.
    pub fn find(
        &self,
        reference: &Reference,
        key: Option<&PublicKey>,
    ) -> Result<Found, FetchError> {
        let client = self.client(reference)?;
        let pulled = client.manifest(reference)?;
        let proof = key.map(|key| client.verify(reference, &pulled.digest, key));
        let proof = proof.transpose()?;
        let layer = component_layer(reference, &pulled.manifest)?;
        let component = self.component(reference, layer)?;
        self.keep(&pulled.bytes);
        Ok(Found {
            manifest: pulled.digest,
            version: version(&pulled.manifest),
            component,
            proof,
        })
    }

    /// The component of an artifact that is pinned.
    pub fn pinned(&self, reference: &Reference, manifest: &Digest) -> Result<Vec<u8>, FetchError> {
        let exact = reference.pinned(*manifest);
        let manifest = if let Some(bytes) = self.cached(manifest, LIMITS.manifest)? {
            Manifest::parse(&bytes)
                .map_err(|error| FetchError::Manifest(exact.to_string(), error))?
        } else {
            let pulled = self.fetching(&exact)?.manifest(&exact)?;
            self.keep(&pulled.bytes);
            pulled.manifest
        };
        self.component(&exact, component_layer(&exact, &manifest)?)
    }

    fn component(&self, reference: &Reference, layer: &Descriptor) -> Result<Vec<u8>, FetchError> {
        if let Some(bytes) = self.cached(&layer.digest, LIMITS.layer)? {
            return Ok(bytes);
        }
        let bytes = self
            .fetching(reference)?
            .blob(reference.repository(), layer)?;
        self.keep(&bytes);
        Ok(bytes)
    }

    fn cache(&self) -> Option<Cache> {
        let directory = self.settings.cache.as_ref()?;
        Some(Cache::new(directory.join("ztgit").join("artifacts")))
    }

    fn cached(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
        self.cache()
            .map_or(Ok(None), |cache| cache.get(digest, limit))
    }

    /// What cannot be kept is fetched again the next time.
    fn keep(&self, bytes: &[u8]) {
        if let Some(Err(error)) = self.cache().map(|cache| cache.put(bytes)) {
            tracing::debug!(%error, "not cached");
        }
    }
}

/// Which version an artifact says that it is.
pub fn version(manifest: &Manifest) -> Option<Version> {
    let text = manifest.annotations.get(wasm::VERSION_ANNOTATION)?;
    Version::parse(text).ok()
}

fn component_layer<'m>(
    reference: &Reference,
    manifest: &'m Manifest,
) -> Result<&'m Descriptor, FetchError> {
    wasm::layer(manifest).ok_or_else(|| FetchError::NotAComponent(reference.to_string()))
}
