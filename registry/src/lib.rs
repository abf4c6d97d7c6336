//! Artifacts in OCI registries: pulled, pushed, signed, verified.
//!
//! Two kinds are known: plugins as WebAssembly components ([`wasm`]), and a
//! cluster's slice of the fleet repository as Flux reads it ([`flux`]).
//!
//! Bytes leave here only after they were found to hash to what they were asked
//! for by, or to what a manifest lists that was. Nothing is read from the
//! environment but proxies and certificate authorities; calls block.
//!
//! The protocol is spoken here and not by `oci-client`, because that crate reads
//! manifests, tags and tokens of any size into memory, and has no TLS that is
//! built without aws-lc or openssl.

mod archive;
mod artifact;
mod cache;
mod client;
mod credentials;
mod digest;
mod error;
pub mod flux;
mod http;
mod manifest;
mod push;
mod reference;
mod session;
mod signature;
mod time;
pub mod wasm;

pub use archive::{ArchiveError, unpack};
pub use artifact::{Artifact, Blob};
pub use cache::{Cache, CacheError};
pub use client::{Client, Limits, Pulled};
pub use credentials::{Credential, CredentialsError, DockerConfig};
pub use digest::Digest;
pub use error::{Error, Failure, TrustError};
pub use http::{Connection, PlainHttp};
pub use manifest::{Descriptor, Manifest};
pub use push::{Pushed, Replace};
pub use reference::{Reference, ReferenceError, Registry, Repository, Tag};
pub use signature::{KeyError, Proof, PublicKey, SignatureError, SigningKey};
pub use time::Timestamp;
