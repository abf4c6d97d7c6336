//! All changes as markdown for a pull request, within a number of bytes.
//!
//! Forges cut or refuse long comments, so the text keeps to a budget: first
//! the counts by directory, then each file's diff, folded, as long as it fits,
//! then what was left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Change, TreeDiff, unified};
use crate::tree::TreePath;

/// The least that the text may have to keep to; enough for the counts of a few
/// directories and the notes.
const LEAST_BUDGET: usize = 1024;
/// Kept free for the notes on what was left out.
const NOTES: usize = 256;
/// What stands around a file's diff, with a long fence.
const FRAME: usize = 128;

/// How much is shown, and how it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkdownLayout {
    /// The most bytes of the text; raised to 1024 if less.
    pub budget: usize,
    /// How many leading segments of a path make a row of the counts: with two,
    /// `rendered/home/…` counts for `rendered/home`.
    pub group_segments: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    added: usize,
    changed: usize,
    removed: usize,
}

/// The changes as markdown, no longer than the budget.
pub fn markdown(diff: &TreeDiff<'_>, layout: MarkdownLayout) -> String {
    if diff.is_empty() {
        return "No changes.\n".to_owned();
    }
    let budget = layout.budget.max(LEAST_BUDGET);
    let mut out = String::new();
    write_counts(diff, layout.group_segments, budget / 2, &mut out);
    write_files(diff, budget - NOTES, &mut out);
    out
}

fn write_counts(diff: &TreeDiff<'_>, group_segments: usize, budget: usize, out: &mut String) {
    let mut groups = BTreeMap::<String, Counts>::new();
    let mut total = Counts::default();
    for (path, change) in diff.iter() {
        groups
            .entry(group(path, group_segments))
            .or_default()
            .count(&change);
        total.count(&change);
    }
    out.push_str("| | added | changed | removed |\n|---|--:|--:|--:|\n");
    let last = total.row("all");
    let mut left_out = 0;
    for (group, counts) in &groups {
        let row = counts.row(&code_span(group));
        if out.len() + row.len() + last.len() + NOTES / 2 > budget {
            left_out += 1;
        } else {
            out.push_str(&row);
        }
    }
    out.push_str(&last);
    if left_out > 0 {
        write!(
            out,
            "\n{left_out} more directories are counted in the last row only.\n"
        )
        .expect("writing to a string does not fail");
    }
}

/// Goes on after a file that does not fit: one long file must not hide all
/// others.
fn write_files(diff: &TreeDiff<'_>, budget: usize, out: &mut String) {
    let mut left_out = 0;
    for (path, change) in diff.iter() {
        let left = budget.saturating_sub(out.len());
        match details(path, &change, left) {
            Some(details) => out.push_str(&details),
            None => left_out += 1,
        }
    }
    if left_out > 0 {
        let count = diff.len();
        write!(
            out,
            "\n{left_out} of {count} files are left out, as they do not fit here.\n"
        )
        .expect("writing to a string does not fail");
    }
}

/// A file's diff, folded; none if it is longer than what is left.
fn details(path: &TreePath, change: &Change<'_>, left: usize) -> Option<String> {
    // A file that comes or goes is shown whole: no need to try.
    let whole = match change {
        Change::Added(blob) | Change::Removed(blob) => blob.bytes.len(),
        Change::Changed { .. } => 0,
    };
    if whole + path.as_str().len() + FRAME / 2 > left {
        return None;
    }
    let diff = unified(path, change);
    let fence = "`".repeat(longest_run_of_backticks(&diff).max(2) + 1);
    let verb = match change {
        Change::Added(_) => "added",
        Change::Removed(_) => "removed",
        Change::Changed { .. } => "changed",
    };
    let end = if diff.ends_with('\n') { "" } else { "\n" };
    let name = code_element(path.as_str());
    let details = format!(
        "\n<details><summary>{name} {verb}</summary>\n\n{fence}diff\n{diff}{end}{fence}\n\n</details>\n"
    );
    (details.len() <= left).then_some(details)
}

impl Counts {
    fn count(&mut self, change: &Change<'_>) {
        match change {
            Change::Added(_) => self.added += 1,
            Change::Removed(_) => self.removed += 1,
            Change::Changed { .. } => self.changed += 1,
        }
    }

    fn row(self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {} |\n",
            self.added, self.changed, self.removed
        )
    }
}

fn group(path: &TreePath, segments: usize) -> String {
    path.segments()
        .take(segments.max(1))
        .collect::<Vec<_>>()
        .join("/")
}

/// A path as code in markdown, which may hold backticks; a `|`, which would
/// end the cell, no path has.
fn code_span(path: &str) -> String {
    let fence = "`".repeat(longest_run_of_backticks(path) + 1);
    let pad = if path.contains('`') { " " } else { "" };
    format!("{fence}{pad}{path}{pad}{fence}")
}

/// A path as code in HTML, where markdown does not reach; no path has a `<`.
fn code_element(path: &str) -> String {
    format!("<code>{}</code>", path.replace('&', "&amp;"))
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{MarkdownLayout, markdown};
    use crate::tree::diff::TreeDiff;
    use crate::tree::{Entry, OutputTree, TreePath};

    fn tree(files: &[(&str, &str)]) -> OutputTree {
        let mut tree = OutputTree::new();
        for (path, content) in files {
            tree.insert(
                TreePath::new(*path).unwrap(),
                Entry::regular(*content, "test"),
            )
            .unwrap();
        }
        tree
    }

    fn rendered(old: &OutputTree, new: &OutputTree, budget: usize) -> String {
        let layout = MarkdownLayout {
            budget,
            group_segments: 2,
        };
        markdown(&TreeDiff::between(old.blobs(), new.blobs()), layout)
    }

    #[test]
    fn counts_come_first_then_each_file() {
        let old = tree(&[
            ("rendered/home/allow/a.yaml", "a: 1\n"),
            ("hosts/home/pi/b", "x\n"),
        ]);
        let new = tree(&[
            ("rendered/home/allow/a.yaml", "a: 2\n"),
            ("rendered/edge/_c_/c&d", "y"),
        ]);
        insta::assert_snapshot!(rendered(&old, &new, 60_000), @r"
        | | added | changed | removed |
        |---|--:|--:|--:|
        | `hosts/home` | 0 | 0 | 1 |
        | `rendered/edge` | 1 | 0 | 0 |
        | `rendered/home` | 0 | 1 | 0 |
        | all | 1 | 1 | 1 |

        <details><summary><code>hosts/home/pi/b</code> removed</summary>

        ```diff
        diff --git a/hosts/home/pi/b b/hosts/home/pi/b
        deleted file mode 100644
        --- a/hosts/home/pi/b
        +++ /dev/null
        @@ -1 +0,0 @@
        -x
        ```

        </details>

        <details><summary><code>rendered/edge/_c_/c&amp;d</code> added</summary>

        ```diff
        diff --git a/rendered/edge/_c_/c&d b/rendered/edge/_c_/c&d
        new file mode 100644
        --- /dev/null
        +++ b/rendered/edge/_c_/c&d
        @@ -0,0 +1 @@
        +y
        \ No newline at end of file
        ```

        </details>

        <details><summary><code>rendered/home/allow/a.yaml</code> changed</summary>

        ```diff
        diff --git a/rendered/home/allow/a.yaml b/rendered/home/allow/a.yaml
        --- a/rendered/home/allow/a.yaml
        +++ b/rendered/home/allow/a.yaml
        @@ -1 +1 @@
        -a: 1
        +a: 2
        ```

        </details>
        ");
    }

    #[test]
    fn equal_trees_say_so() {
        assert_eq!(rendered(&tree(&[]), &tree(&[]), 60_000), "No changes.\n");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_content() {
        let text = rendered(&tree(&[]), &tree(&[("a", "````\n</details>\n")]), 60_000);
        assert!(text.contains("\n`````diff\n"), "{text}");
        assert!(text.contains("\n`````\n"), "{text}");
    }

    #[test]
    fn backticks_in_a_path_do_not_end_its_code() {
        let text = rendered(&tree(&[]), &tree(&[("`a``b", "")]), 60_000);
        assert!(text.contains("| ``` `a``b ``` | 1 | 0 | 0 |"), "{text}");
    }

    #[test]
    fn a_long_file_is_left_out_and_the_next_is_shown() {
        let long = "x\n".repeat(5_000);
        let text = rendered(&tree(&[]), &tree(&[("a", &long), ("b", "short\n")]), 2_000);
        assert!(
            text.contains("<code>b</code>") && text.contains("+short"),
            "{text}"
        );
        assert!(!text.contains("<code>a</code>"), "{text}");
        assert!(
            text.ends_with("\n1 of 2 files are left out, as they do not fit here.\n"),
            "{text}"
        );
    }

    #[test]
    fn the_text_keeps_to_its_budget() {
        let files: Vec<_> = (0..3_000)
            .map(|n| (format!("d{n}/c/f"), format!("line {n}\n")))
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (&**path, &**text))
            .collect();
        let new = tree(&files);
        for budget in [1_024, 1_500, 4_096, 65_536] {
            let text = rendered(&tree(&[]), &new, budget);
            assert!(text.len() <= budget, "{} > {budget}", text.len());
            assert!(text.contains("\n| all | 3000 | 0 | 0 |\n"), "{text}");
            assert!(
                text.contains("more directories are counted in the last row only"),
                "{text}"
            );
            assert!(text.contains("of 3000 files are left out"), "{text}");
        }
    }

    #[test]
    fn a_small_budget_is_raised() {
        let new = tree(&[("a/b", "x\n")]);
        assert_eq!(
            rendered(&tree(&[]), &new, 0),
            rendered(&tree(&[]), &new, 1_024)
        );
    }
}
