//! Regular expressions as both the agent (Go) and the proxy (RE2) read them.
//!
//! An expression that one of them refuses takes the whole policy with it, after
//! the API server has accepted it. Parsed with the `regex` crate's grammar, which
//! is that of RE2 with additions; the additions are refused here. Refused by the
//! way, though RE2 takes it: `\Q...\E`, `\C`, a bare `{` and a bare `[` in a
//! class, which can all be written otherwise. Not told: whether a class such as
//! `\p{Greek}` exists, and how large an expression the proxy compiles.

use regex_syntax::ast::{
    AssertionKind, Ast, ClassSet, ClassSetItem, ClassUnicodeKind, Flag, Flags, FlagsItemKind,
    GroupKind, HexLiteralKind, LiteralKind, RepetitionKind, RepetitionRange,
};

/// How often both let anything be repeated, with what it stands in.
const MOST_REPETITIONS: u32 = 1000;

/// Why an expression would be refused, if it would.
pub(crate) fn problem(text: &str) -> Option<String> {
    match regex_syntax::ast::parse::Parser::new().parse(text) {
        Ok(ast) => node(&ast, MOST_REPETITIONS).err().map(str::to_owned),
        Err(error) => Some(error.kind().to_string()),
    }
}

/// Looks at a part that may be repeated so often.
fn node(ast: &Ast, repetitions: u32) -> Result<(), &'static str> {
    match ast {
        Ast::Empty(_) | Ast::Dot(_) | Ast::ClassPerl(_) => Ok(()),
        Ast::Flags(set) => flags(&set.flags),
        Ast::Literal(found) => literal(&found.kind),
        Ast::Assertion(assertion) => match assertion.kind {
            AssertionKind::StartLine
            | AssertionKind::EndLine
            | AssertionKind::StartText
            | AssertionKind::EndText
            | AssertionKind::WordBoundary
            | AssertionKind::NotWordBoundary => Ok(()),
            _ => Err("only `\\b` and `\\B` stand for the edge of a word"),
        },
        Ast::ClassUnicode(class) => unicode(&class.kind),
        Ast::ClassBracketed(class) => set(&class.kind),
        Ast::Repetition(found) => {
            if matches!(*found.ast, Ast::Repetition(_)) {
                return Err("a repetition is repeated without a group around it");
            }
            let times = times(&found.op.kind);
            if times > repetitions {
                return Err("something is repeated more than 1000 times");
            }
            node(&found.ast, repetitions / times.max(1))
        }
        Ast::Group(group) => {
            if let GroupKind::NonCapturing(set) = &group.kind {
                flags(set)?;
            }
            node(&group.ast, repetitions)
        }
        Ast::Alternation(found) => found.asts.iter().try_for_each(|ast| node(ast, repetitions)),
        Ast::Concat(found) => found.asts.iter().try_for_each(|ast| node(ast, repetitions)),
    }
}

/// How often a repetition is written out.
fn times(kind: &RepetitionKind) -> u32 {
    match kind {
        RepetitionKind::Range(
            RepetitionRange::Exactly(times)
            | RepetitionRange::AtLeast(times)
            | RepetitionRange::Bounded(_, times),
        ) => *times,
        _ => 1,
    }
}

fn flags(flags: &Flags) -> Result<(), &'static str> {
    let known = |flag: &Flag| {
        matches!(
            flag,
            Flag::CaseInsensitive | Flag::MultiLine | Flag::DotMatchesNewLine | Flag::SwapGreed
        )
    };
    let all_known = flags.items.iter().all(|item| match &item.kind {
        FlagsItemKind::Negation => true,
        FlagsItemKind::Flag(flag) => known(flag),
    });
    if all_known {
        Ok(())
    } else {
        Err("only the flags `i`, `m`, `s` and `U` are known")
    }
}

fn literal(kind: &LiteralKind) -> Result<(), &'static str> {
    match kind {
        LiteralKind::HexFixed(HexLiteralKind::X) | LiteralKind::HexBrace(HexLiteralKind::X) => {
            Ok(())
        }
        LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_) => {
            Err("a character by its number is written `\\x{...}`")
        }
        _ => Ok(()),
    }
}

fn unicode(kind: &ClassUnicodeKind) -> Result<(), &'static str> {
    match kind {
        ClassUnicodeKind::NamedValue { .. } => Err("a class of characters has a name only"),
        ClassUnicodeKind::OneLetter(_) | ClassUnicodeKind::Named(_) => Ok(()),
    }
}

fn set(kind: &ClassSet) -> Result<(), &'static str> {
    match kind {
        ClassSet::Item(found) => item(found),
        ClassSet::BinaryOp(_) => Err("a class has no `&&`, `--` or `~~`"),
    }
}

fn item(found: &ClassSetItem) -> Result<(), &'static str> {
    match found {
        ClassSetItem::Empty(_) | ClassSetItem::Ascii(_) | ClassSetItem::Perl(_) => Ok(()),
        ClassSetItem::Literal(found) => literal(&found.kind),
        ClassSetItem::Range(range) => {
            literal(&range.start.kind)?;
            literal(&range.end.kind)
        }
        ClassSetItem::Unicode(class) => unicode(&class.kind),
        ClassSetItem::Bracketed(_) => Err("a class stands within a class"),
        ClassSetItem::Union(found) => found.items.iter().try_for_each(item),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn what_both_read_is_taken() {
        for text in [
            "/api/v1/(balance|transactions)(/.*)?",
            r"^/items/[0-9a-f-]{1,64}(\?.*)?$",
            r"/(?i:Report)/\d+\.csv",
            r"/[[:alnum:]_]+/\x{e9}\pL",
            r"(?P<area>/[^/]+)+?",
            "/test.Users/[^/]+",
        ] {
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn what_one_of_them_refuses_is_refused() {
        for text in [
            "/api/(v1",
            "/api/[a",
            "/api/**",
            "/a{1001}",
            "/(a{40}){40}",
            r"/a(?=b)",
            r"/(a)\1",
            "(?x) / a",
            "/[a&&b]",
            "/[a[b]]",
            r"/\u{e9}",
            r"/\b{start}a",
        ] {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
