//! One file's change as a unified diff.

use std::fmt::Write as _;

use similar::{Algorithm, TextDiff};

use super::Change;
use crate::tree::{Blob, TreePath};

/// Unchanged lines around each change.
const CONTEXT: usize = 3;
/// How far git looks for a NUL to tell binary files.
const BINARY_WINDOW: usize = 8000;
/// More lines than a person reads; comparing unlike texts costs the product of
/// their lines, and a deadline would make the result depend on the machine.
const MOST_LINES: usize = 50_000;

/// A change in the format of `git diff`: modes where they differ, then lines
/// with context. Binary files and very long ones are only named.
///
/// The lines are the files' own, unescaped; whoever prints them to a terminal
/// escapes control characters.
pub fn unified(path: &TreePath, change: &Change<'_>) -> String {
    let (old, new) = (change.before(), change.after());
    let mut out = format!("diff --git a/{path} b/{path}\n");
    write_modes(old, new, &mut out);
    let (old_bytes, new_bytes) = (bytes(old), bytes(new));
    if old_bytes == new_bytes {
        return out;
    }
    let old_name = old.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let new_name = new.map_or("/dev/null".to_owned(), |_| format!("b/{path}"));
    match (text(old_bytes), text(new_bytes)) {
        (Some(old), Some(new)) => write_lines(old, new, &old_name, &new_name, &mut out),
        _ => line(
            &mut out,
            format_args!("Binary files {old_name} and {new_name} differ"),
        ),
    }
    out
}

fn write_modes(old: Option<Blob<'_>>, new: Option<Blob<'_>>, out: &mut String) {
    match (
        old.map(|blob| blob.mode.git()),
        new.map(|blob| blob.mode.git()),
    ) {
        (None, Some(mode)) => line(out, format_args!("new file mode {mode:o}")),
        (Some(mode), None) => line(out, format_args!("deleted file mode {mode:o}")),
        (Some(old), Some(new)) if old != new => {
            line(out, format_args!("old mode {old:o}\nnew mode {new:o}"));
        }
        _ => {}
    }
}

fn write_lines(old: &str, new: &str, old_name: &str, new_name: &str, out: &mut String) {
    // A carriage return ends no line, as with git.
    let [old, new]: [Vec<&str>; 2] = [old, new].map(|text| text.split_inclusive('\n').collect());
    if old.len() + new.len() > MOST_LINES {
        let (old, new) = (old.len(), new.len());
        line(
            out,
            format_args!("Files {old_name} ({old} lines) and {new_name} ({new} lines) differ"),
        );
        return;
    }
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT).header(old_name, new_name);
    write!(out, "{unified}").expect("writing to a string does not fail");
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

fn bytes(blob: Option<Blob<'_>>) -> &[u8] {
    blob.map_or(&[], |blob| blob.bytes)
}

/// The bytes as text, unless git would call them binary or they are not UTF-8.
fn text(bytes: &[u8]) -> Option<&str> {
    let window = &bytes[..bytes.len().min(BINARY_WINDOW)];
    if window.contains(&0) {
        None
    } else {
        std::str::from_utf8(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, unified};
    use crate::tree::diff::Change;
    use crate::tree::{Blob, FileMode, TreePath};

    fn blob(bytes: &[u8]) -> Blob<'_> {
        Blob {
            bytes,
            mode: FileMode::Regular,
        }
    }

    fn changed(old: &[u8], new: &[u8]) -> String {
        let path = TreePath::new("d/f").unwrap();
        unified(
            &path,
            &Change::Changed {
                old: blob(old),
                new: blob(new),
            },
        )
    }

    #[test]
    fn changed_lines_have_context() {
        let text = changed(
            b"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
        );
        insta::assert_snapshot!(text, @r"
        diff --git a/d/f b/d/f
        --- a/d/f
        +++ b/d/f
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
        ");
    }

    #[test]
    fn a_missing_last_newline_shows() {
        insta::assert_snapshot!(changed(b"a\n", b"a"), @r"
        diff --git a/d/f b/d/f
        --- a/d/f
        +++ b/d/f
        @@ -1 +1 @@
        -a
        +a
        \ No newline at end of file
        ");
    }

    #[test]
    fn a_carriage_return_is_part_of_its_line() {
        assert!(changed(b"a\n", b"a\r\n").ends_with("-a\n+a\r\n"));
    }

    #[test]
    fn files_come_and_go() {
        let path = TreePath::new("d/f").unwrap();
        insta::assert_snapshot!(unified(&path, &Change::Added(blob(b"x\n"))), @r"
        diff --git a/d/f b/d/f
        new file mode 100644
        --- /dev/null
        +++ b/d/f
        @@ -0,0 +1 @@
        +x
        ");
        insta::assert_snapshot!(unified(&path, &Change::Removed(blob(b"x\n"))), @r"
        diff --git a/d/f b/d/f
        deleted file mode 100644
        --- a/d/f
        +++ /dev/null
        @@ -1 +0,0 @@
        -x
        ");
    }

    #[test]
    fn an_empty_file_that_comes_has_no_lines() {
        let path = TreePath::new("d/f").unwrap();
        assert_eq!(
            unified(&path, &Change::Added(blob(b""))),
            "diff --git a/d/f b/d/f\nnew file mode 100644\n"
        );
    }

    #[test]
    fn another_mode_shows() {
        let path = TreePath::new("d/f").unwrap();
        let old = blob(b"x\n");
        let new = Blob {
            mode: FileMode::Executable,
            ..old
        };
        assert_eq!(
            unified(&path, &Change::Changed { old, new }),
            "diff --git a/d/f b/d/f\nold mode 100644\nnew mode 100755\n"
        );
    }

    #[test]
    fn binary_files_are_only_named() {
        let message = "diff --git a/d/f b/d/f\nBinary files a/d/f and b/d/f differ\n";
        assert_eq!(changed(b"a\0b", b"a"), message);
        assert_eq!(changed(b"a", b"\xff\xfe"), message);
    }

    #[test]
    fn very_long_files_are_only_named() {
        let old = "x\n".repeat(MOST_LINES);
        assert_eq!(
            changed(old.as_bytes(), b"y\n"),
            format!(
                "diff --git a/d/f b/d/f\nFiles a/d/f ({MOST_LINES} lines) and b/d/f (1 lines) differ\n"
            )
        );
    }
}
