//! A page with one table, of whose rows each suite has its own.

use std::fmt;

/// A row as it stands there, without the lines at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row(String);

/// A page in parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Up to the line below the table's head.
    before: String,
    rows: Vec<Row>,
    after: String,
}

/// Seconds, memory here, memory of a child.
const FIGURES: usize = 3;

impl Row {
    pub(super) fn new(cells: &str, figures: &str, place: &str) -> Self {
        Self(format!("{cells} | {figures} | `{place}`"))
    }

    fn cells(&self) -> Vec<&str> {
        self.0.split(" | ").collect()
    }

    fn is_of(&self, place: &str) -> bool {
        self.0.ends_with(&format!(" | `{place}`"))
    }

    /// By number, then by place.
    fn order(&self) -> (u8, String) {
        let cells = self.cells();
        let number = cells.first().and_then(|number| number.parse().ok());
        let place = cells.last().copied().unwrap_or_default();
        (number.unwrap_or(u8::MAX), place.to_owned())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.0)
    }
}

impl Page {
    pub(super) fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let ruler = lines.iter().position(|line| line.starts_with("|---"));
        let first = ruler.expect("the page has a table") + 1;
        let rows = lines[first..].iter().map_while(|line| {
            let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
            Some(Row(row.to_owned()))
        });
        let rows: Vec<Row> = rows.collect();
        let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
        Self {
            before: text(&lines[..first]),
            after: text(&lines[first + rows.len()..]),
            rows,
        }
    }

    /// What the rows of a suite say besides figures.
    pub(super) fn cases(&self, place: &str) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| row.is_of(place));
        rows.map(|row| {
            let cells = row.cells();
            let said = cells.len().saturating_sub(FIGURES + 1);
            cells[..said].join(" | ")
        })
        .collect()
    }

    /// Puts these in the place of a suite's rows.
    pub(super) fn replace(&mut self, place: &str, rows: Vec<Row>) {
        self.rows.retain(|row| !row.is_of(place));
        self.rows.extend(rows);
        self.rows.sort_by_key(Row::order);
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.before)?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        f.write_str(&self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Page

| case | what | ends | tests | s | here | child | held by |
|---|---|---|---|---|---|---|---|
| 2 | grows | refused | 3 | 0.18 | 282 | – | `a` |
| 57 | moves | refused | 1 | 1.00 | 7 | 30 | `b` |

More.
";

    #[test]
    fn a_page_is_its_parts() {
        assert_eq!(Page::parse(TEXT).to_string(), TEXT);
    }

    #[test]
    fn rows_are_replaced_by_suite_and_stand_by_number() {
        let mut page = Page::parse(TEXT);
        let rows = [
            ("1 | loops | fuel | 2", "0.50 | 29 | –"),
            ("58 | edits | refused | 1", "0.01 | 7 | –"),
        ];
        let rows = rows.map(|(cells, figures)| Row::new(cells, figures, "a"));
        page.replace("a", rows.to_vec());
        assert_eq!(
            page.cases("a"),
            ["1 | loops | fuel | 2", "58 | edits | refused | 1"]
        );
        assert_eq!(page.cases("b"), ["57 | moves | refused | 1"]);
        let numbers: Vec<&str> = page.rows.iter().map(|row| row.cells()[0]).collect();
        assert_eq!(numbers, ["1", "57", "58"]);
    }
}
