//! When two names are one name to some file system.

use unicode_normalization::UnicodeNormalization;

/// The form in which all spellings are equal that macOS (composed or not, any
/// case) or Windows (any case) takes for the same name.
///
/// Upper case first, because letters such as `ſ` and `ς` differ only in lower
/// case; character by character, because the case of a word's last sigma must
/// not depend on what follows.
pub(super) fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfd()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn case_does_not_matter() {
        assert_eq!(folded("README.md"), folded("readme.MD"));
        assert_eq!(folded("ΣΑΣ"), folded("σας"));
        assert_eq!(folded("STRASSE"), folded("straße"));
    }

    #[test]
    fn composition_does_not_matter() {
        assert_eq!(folded("caf\u{e9}"), folded("cafe\u{301}"));
        assert_eq!(folded("\u{1e69}"), folded("S\u{307}\u{323}"));
    }

    #[test]
    fn different_letters_stay_different() {
        assert_ne!(folded("resume"), folded("résumé"));
    }
}
