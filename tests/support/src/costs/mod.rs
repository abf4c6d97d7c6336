//! What hostile cases cost, as a table of the documentation.
//!
//! A [`Suite`] has the cases that one test program holds. Its tests are run one after the
//! other, with a clock and the memory of this process and of those that it starts beside
//! them; what comes of it are its rows of `docs/hostile-plugins.md`. All but the figures is
//! compared with the page in every run of the tests.

mod memory;
mod page;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use memory::Peaks;

/// A case, and the tests that hold it.
pub struct Case {
    /// Its number.
    pub number: u8,
    /// What somebody does who means harm.
    pub what: &'static str,
    /// What comes of it.
    pub ends: &'static str,
    /// One for each way to do it.
    pub tests: &'static [fn()],
}

/// The cases of a test program.
pub struct Suite {
    /// Where its tests are: what tells its rows from those of others.
    pub place: &'static str,
    /// By number.
    pub cases: &'static [Case],
}

/// Defines `SUITE`: its place, then for each case a number, what happens `=>` how it ends:
/// the tests.
#[macro_export]
macro_rules! suite {
    ($place:literal; $($number:literal $what:literal => $ends:literal: $($module:ident::$test:ident),+;)*) => {
        const SUITE: $crate::costs::Suite = $crate::costs::Suite {
            place: $place,
            cases: &[$($crate::costs::Case {
                number: $number,
                what: $what,
                ends: $ends,
                tests: &[$($module::$test as fn()),+],
            }),*],
        };
    };
}

impl Suite {
    /// The numbers of its cases.
    pub fn numbers(&self) -> Vec<u8> {
        self.cases.iter().map(|case| case.number).collect()
    }

    /// Fails unless the page has these cases and no others of this suite, whatever the
    /// figures beside them are.
    #[track_caller]
    pub fn assert_on_page(&self) {
        let said = page::Page::parse(&read()).cases(self.place);
        let held: Vec<String> = self.cases.iter().map(Case::cells).collect();
        assert_eq!(said, held, "docs/{PAGE} is old: `just hostile-plugins`");
    }

    /// Runs every test and prints the rows; they are written to the page where
    /// `UPDATE_TABLE` is set.
    pub fn measure(&self) {
        let rows: Vec<page::Row> = self.cases.iter().map(|case| self.row(case)).collect();
        let mut page = page::Page::parse(&read());
        page.replace(self.place, rows);
        update(PAGE, &page.to_string());
    }

    fn row(&self, case: &Case) -> page::Row {
        let (seconds, peaks) = measured(case.tests);
        let figures = format!(
            "{seconds:.2} | {} | {}",
            mebibytes(peaks.here),
            mebibytes(peaks.child)
        );
        let row = page::Row::new(&case.cells(), &figures, self.place);
        writeln!(std::io::stdout(), "{row}").expect("standard output is open");
        row
    }
}

impl Case {
    /// All that is known of it without running it.
    fn cells(&self) -> String {
        let tests = self.tests.len();
        format!("{} | {} | {} | {tests}", self.number, self.what, self.ends)
    }
}

const PAGE: &str = "hostile-plugins.md";

fn path(page: &str) -> PathBuf {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    docs.join(page)
}

fn read() -> String {
    fs::read_to_string(path(PAGE)).expect("the page is there")
}

/// Writes a page below `docs` where `UPDATE_TABLE` is set.
#[expect(clippy::disallowed_methods, reason = "how the table is asked for")]
pub fn update(page: &str, text: &str) {
    if std::env::var_os("UPDATE_TABLE").is_some() {
        fs::write(path(page), text).expect("the page is writable");
    }
}

/// The worst seconds and peaks of some tests.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn measured(tests: &[fn()]) -> (f64, Peaks) {
    let (mut seconds, mut peaks) = (0.0_f64, Peaks::default());
    for test in tests {
        let start = Instant::now();
        peaks = peaks.max(Peaks::during(test));
        seconds = seconds.max(start.elapsed().as_secs_f64());
    }
    (seconds, peaks)
}

fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(|| "–".to_owned(), |kib| (kib >> 10).to_string())
}
