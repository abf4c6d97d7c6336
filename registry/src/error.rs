//! What can go wrong with a registry. A failure to reach it, a refusal, and
//! bytes that are not what they should be are three different things.

use crate::Digest;
use std::io;

use crate::credentials::CredentialsError;
use crate::signature::SignatureError;

/// Why something could not be pulled, pushed or verified.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The registry did not do what it was asked for. Nothing is known about
    /// the artifact.
    #[error("cannot {action} {subject}")]
    Registry {
        /// What was tried, as a verb.
        action: &'static str,
        /// What it was tried on.
        subject: String,
        /// Why it failed.
        #[source]
        failure: Failure,
    },
    /// The tag stands for something else and may not be moved.
    #[error("{subject} is {existing} already, and this component makes {refused}")]
    Taken {
        /// Where it was to be pushed.
        subject: String,
        /// What the tag stands for.
        existing: Digest,
        /// What it was to stand for.
        refused: Digest,
    },
    /// What came is not what it should be.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Docker's configuration, or a helper that it names, is of no use.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

/// Why an exchange with a registry failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The registry says that there is no such thing.
    #[error("the registry has no such artifact")]
    NotFound,
    /// The registry wants somebody else, or anybody at all.
    #[error("{}", not_allowed(*status, *with_credentials))]
    NotAllowed {
        /// 401 or 403.
        status: u16,
        /// Whether credentials were sent.
        with_credentials: bool,
    },
    /// The registry is overloaded or broken.
    #[error("the registry answered with status {0}, try again later")]
    Unavailable(u16),
    /// Any other status.
    #[error("the registry answered with status {0}")]
    Unexpected(u16),
    /// No connection, no TLS, no HTTP.
    #[error("the registry cannot be reached")]
    Unreachable(#[source] Box<ureq::Error>),
    /// The file of certificate authorities is of no use.
    #[error("cannot read certificate authorities from `{path}`")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It took longer than allowed.
    #[error("the registry took too long to answer")]
    TimedOut,
    /// It sent more than is allowed.
    #[error("the registry sent more than {limit} bytes")]
    TooLarge {
        /// How much is allowed.
        limit: u64,
    },
    /// The connection ended before the last byte.
    #[error("the connection ended after {received} of {expected} bytes")]
    Truncated {
        /// How much there should be.
        expected: u64,
        /// How much came.
        received: u64,
    },
    /// A redirect to something that is not followed.
    #[error("the registry redirects to `{0}`, which is not followed")]
    Redirect(String),
    /// An answer that does not follow the protocol.
    #[error("the registry's answer is malformed: {0}")]
    Malformed(String),
    /// What is there is another kind of thing.
    #[error("it is {0}")]
    OtherKind(String),
}

fn not_allowed(status: u16, with_credentials: bool) -> &'static str {
    match (status, with_credentials) {
        (401, false) => "the registry wants a login: use `docker login`",
        (_, false) => "the registry does not allow it without a login, or to nobody",
        (401, true) => "the registry refuses the credentials",
        (_, true) => "the registry does not allow it with these credentials",
    }
}

/// Something that is not what it was pinned, listed or signed as.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The registry sent another manifest than was asked for.
    #[error("the manifest of {subject} hashes to {actual}, not to {expected}")]
    Manifest {
        /// What was asked for.
        subject: String,
        /// What it should hash to.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
    /// The registry sent other bytes than the manifest lists.
    #[error("a layer from {repository} hashes to {actual}, not to {expected}")]
    Blob {
        /// Where it came from.
        repository: String,
        /// What it should hash to.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
    /// A file of the cache was changed after it was written.
    #[error("the cached file `{path}` does not hash to its name any more")]
    Cached {
        /// The file.
        path: String,
    },
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}
