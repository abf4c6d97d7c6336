//! Answers of plugins that an earlier run had already.
//!
//! A plugin is a pure function, so the key is the component, the function and the
//! request, nothing else. What comes from the cache passes the same checks as what
//! comes from the plugin.

use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::component::Plugin;
use super::error::PluginError;
use crate::tree::{FieldHasher, Sha256};

/// The interface whose types the answers are of.
static WIT: LazyLock<Sha256> =
    LazyLock::new(|| Sha256::of(include_bytes!("../../../wit/plugin.wit")));

impl Plugin<'_> {
    /// The answer to a request, from the cache or from `call`.
    pub(super) fn answer<T: Serialize + DeserializeOwned>(
        &self,
        function: &'static str,
        request: &[&[u8]],
        call: impl FnOnce() -> Result<T, PluginError>,
    ) -> Result<T, PluginError> {
        let Some(answers) = &self.runtime.answers else {
            return call();
        };
        let key = self.request_key(function, request);
        let kept = answers.get(&key);
        if let Some(answer) = kept.and_then(|kept| postcard::from_bytes(&kept).ok()) {
            return Ok(answer);
        }
        let answer = call()?;
        if let Ok(bytes) = postcard::to_allocvec(&answer) {
            answers.put(key, &bytes);
        }
        Ok(answer)
    }

    fn request_key(&self, function: &str, request: &[&[u8]]) -> Sha256 {
        let mut hasher = FieldHasher::default();
        hasher.field(WIT.as_bytes());
        hasher.field(self.digest().as_bytes());
        hasher.field(function.as_bytes());
        for part in request {
            hasher.field(part);
        }
        hasher.finish()
    }
}
