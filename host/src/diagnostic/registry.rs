//! The long texts of `ztgit explain`.

/// What a code means.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Why it is reported, an example, and what to do.
    pub text: &'static str,
}

/// Every code of the host's own that has a text, sorted. Codes of plugins have
/// the plugin's name in front, as in `wireguard/peer-overlap`.
pub fn explanations() -> &'static [Explanation] {
    EXPLANATIONS
}

/// The text of a code.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    EXPLANATIONS.iter().find(|explanation| explanation.code == code)
}

macro_rules! texts {
    ($($code:literal),* $(,)?) => {
        &[$(Explanation {
            code: $code,
            text: include_str!(concat!("explain/", $code, ".md")),
        }),*]
    };
}

const EXPLANATIONS: &[Explanation] = texts![];
