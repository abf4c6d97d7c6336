//! One name in a path: what git, Linux, macOS and Windows could misread.

use crate::tree::fold::folded;
use crate::tree::invisible::{is_invisible, is_noncharacter};

/// The longest name in bytes, as in Linux's `NAME_MAX`.
const LONGEST_SEGMENT: usize = 255;

/// What is wrong with one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentFault {
    /// Two slashes in a row, or one at the end.
    #[error("is empty")]
    Empty,
    /// `.` or `..`.
    #[error("does not name an entry of its directory")]
    Relative,
    /// A joined name that would be two.
    #[error("holds a `/`")]
    Slash,
    /// More than a file system takes.
    #[error("has {0} bytes, more than 255")]
    TooLong(usize),
    /// git's own directory, however it is written.
    #[error("is git's own directory to some file system")]
    GitDirectory,
    /// A newline, NUL or other control character.
    #[error("holds the control character {0:?}")]
    Control(char),
    /// A character that nobody sees.
    #[error("holds {0:?}, which cannot be seen")]
    Invisible(char),
    /// What Windows keeps for itself.
    #[error("holds {0:?}, which no file name on Windows has")]
    WindowsCharacter(char),
    /// Windows drops them, so that two names become one.
    #[error("ends in a period or a space, which Windows drops")]
    TrailingPeriodOrSpace,
    /// `CON`, `aux.yaml` and their like.
    #[error("is a device on Windows")]
    WindowsDevice,
    /// `GITMOD~1` and its like, another name of some longer one.
    #[error("is a short name of another file on Windows")]
    WindowsShortName,
}

/// Checks one name.
pub(super) fn check(segment: &str) -> Result<(), SegmentFault> {
    match segment {
        "" => return Err(SegmentFault::Empty),
        "." | ".." => return Err(SegmentFault::Relative),
        _ if segment.len() > LONGEST_SEGMENT => return Err(SegmentFault::TooLong(segment.len())),
        _ => {}
    }
    if is_plain(segment) {
        return if is_device(stem(segment)) {
            Err(SegmentFault::WindowsDevice)
        } else {
            Ok(())
        };
    }
    if is_git_directory(segment) {
        return Err(SegmentFault::GitDirectory);
    }
    segment.chars().try_for_each(check_character)?;
    if segment.ends_with(['.', ' ']) {
        return Err(SegmentFault::TrailingPeriodOrSpace);
    }
    let stem = stem(segment);
    if is_device(stem) {
        return Err(SegmentFault::WindowsDevice);
    }
    if is_short_name(stem) {
        return Err(SegmentFault::WindowsShortName);
    }
    Ok(())
}

/// Whether a name is made as nearly all are: of letters, digits, `-`, `_` and `.`,
/// with no period at either end. Then nothing but a device is misread.
fn is_plain(segment: &str) -> bool {
    let mut bytes = segment.bytes();
    !segment.starts_with('.')
        && !segment.ends_with('.')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// What Windows looks at: the name up to the first period.
fn stem(segment: &str) -> &str {
    let stem = segment.split('.').next().unwrap_or(segment);
    stem.trim_end_matches(' ')
}

fn check_character(character: char) -> Result<(), SegmentFault> {
    match character {
        _ if character.is_control() => Err(SegmentFault::Control(character)),
        '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*' => {
            Err(SegmentFault::WindowsCharacter(character))
        }
        _ if is_invisible(character) || is_noncharacter(character) => {
            Err(SegmentFault::Invisible(character))
        }
        _ => Ok(()),
    }
}

/// `.git` after what macOS ignores, what Windows drops (`.git. .`) and what
/// NTFS takes for a stream (`.git::$INDEX_ALLOCATION`), or its short name.
fn is_git_directory(segment: &str) -> bool {
    let seen: String = segment
        .chars()
        .filter(|&c| !is_invisible(c) || c.is_whitespace())
        .collect();
    let file = seen.split([':', '\\']).next().unwrap_or(&seen);
    let name = folded(file.trim_end_matches(['.', ' ']));
    name == ".git" || name.strip_prefix("git~").is_some_and(is_number)
}

fn is_device(stem: &str) -> bool {
    let stem = folded(stem);
    let numbered = || {
        let number = stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"));
        // Windows counts superscript digits as digits.
        number.is_some_and(|n| matches!(n, "\u{b9}" | "\u{b2}" | "\u{b3}") || is_digit(n))
    };
    matches!(
        &*stem,
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$"
    ) || numbered()
}

/// Short names have eight characters at most; the number comes last.
fn is_short_name(stem: &str) -> bool {
    let Some((name, number)) = stem.rsplit_once('~') else {
        return false;
    };
    stem.len() <= 8 && !name.is_empty() && is_number(number)
}

fn is_digit(text: &str) -> bool {
    text.len() == 1 && is_number(text)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
