//! Documents made of strings that readers could misread: a dictionary of known
//! traps, mutations of it, and random text. The same for every run.

use serde_json::{Map, Value, json};

/// Strings a document. Large enough that starting a parser costs little, small
/// enough that a mismatch is easy to find.
const STRINGS: usize = 32;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "none", "nil", "inf",
    "nan", ".inf", ".nan", "infinity", "=", "<<", "-", "--", "---", "...", ".", "..", "?", ":", "!",
    "!!", "!!binary", "!!set", "&a", "*a", "%", "%YAML 1.1", "@", "`", "|", "|-", "|2", ">", ">+",
    "{", "}", "{}", "[", "]", "[]", ",", "#", "'", "\"", "\\", "''", "0", "00", "1", "7", "8", "9",
    "10", "010", "0o10", "0O7", "0x1F", "0X1f", "0b10", "0B1", "1_000", "1,000", "1.", ".5", "1.5",
    "1e3", "1E3", "1e+3", "1.0e-3", "0x1p-2", "1:30", "1:30:59", "190:20:30.15", "60:00",
    "2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5",
    "2001-12-15 2:59:43.10Z", "20:03:20", "10.0.0.1", "10.0.0.0/8", "fd00::1", "2001:db8::/32",
    "1.20.2", "v1.20.2", "1Gi", "100m", "0.5", "5d", "1h30m", "12e03", "-2E+05",
    "9223372036854775808", "18446744073709551616", "-9223372036854775809", "a: b", "a:b", "a :b",
    "a:", ": a", "a #b", "a# b", "- a", "-a", "-1", "+1", "--a=b", "? a", "key",
    "http://a.b:80/c?d=e&f#g", "*.example.com", "^/api/[^/]+$", "${VAR}", "$$", "{{ .Values.x }}",
    "a\nb", "a\nb\n", "a\n\nb\n", "a\n\n", "\na", "\n", "\n\n", " a\nb", "\ta\nb", "a\n\tb\n",
    "a\n b\n  c", "a\n  ", "a\n \nb\n", "a \nb\t\n", "# a\nb\n", "---\na\n...\n", "%a\nb",
    "- a\n- b\n", "a: b\nc: d\n", "a\r\nb", "a\rb",
    "#!/bin/sh\nset -eu\n\nif true; then\n\techo \"$1\"\nfi\n",
    "table inet f {\n\tchain c {\n\t\tdrop\n\t}\n}\n", "\0", "\u{1}", "\u{7}", "\u{8}", "\t",
    "\u{b}", "\u{c}", "\u{1b}", "\u{7f}", "\u{80}", "\u{85}", "\u{a0}", "\u{ad}", "\u{2028}",
    "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{200b}", "\u{200d}", "\u{202e}",
    "\u{e000}", "\u{d7ff}", "\u{1fffe}", "\u{10ffff}", "\u{e0001}", "é", "e\u{301}", "日本", "Ω\nω\n",
    "😀", "👩\u{200d}💻",
];

const NUMBERS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    0.1,
    1e16,
    1e21,
    1e100,
    -1e-7,
    5e-324,
    2.225e-308,
    f64::MAX,
    123_456_789.125,
];

/// Lengths around what readers allow in front of a colon.
const KEY_LENGTHS: [usize; 8] = [127, 128, 129, 1021, 1022, 1024, 1025, 3000];

/// An iterator over documents with a number of strings in all.
pub(crate) struct Documents {
    random: Random,
    left: u64,
    words: std::slice::Iter<'static, &'static str>,
}

impl Documents {
    /// At least so many strings, the dictionary first.
    pub(crate) fn new(strings: u64) -> Self {
        Self {
            random: Random(1),
            left: strings,
            words: WORDS.iter(),
        }
    }

    fn string(&mut self) -> String {
        match self.words.next() {
            Some(word) => (*word).to_owned(),
            None => self.random.string(),
        }
    }
}

impl Iterator for Documents {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        if self.left == 0 {
            return None;
        }
        self.left = self.left.saturating_sub(STRINGS as u64);
        let strings: Vec<String> = (0..STRINGS).map(|_| self.string()).collect();
        Some(document(&strings, &mut self.random))
    }
}

/// Every string as a value and as a key, at different depths, and a few other
/// things between them.
fn document(strings: &[String], random: &mut Random) -> Value {
    let mut keys = Map::new();
    for (position, string) in strings.iter().enumerate() {
        let value = match position % 6 {
            0 => json!(string),
            1 => json!([string]),
            2 => json!({ string: {string: string} }),
            3 => json!([[string, []], {string: null}, {"a": string, "b": [string]}]),
            4 => number(random),
            _ => json!({}),
        };
        keys.insert(string.clone(), value);
    }
    let last = &strings[strings.len() - 1];
    match random.below(8) {
        0 => json!(strings),
        1 => json!([keys, strings]),
        2 => json!(last),
        3 => {
            let long = last
                .chars()
                .cycle()
                .take(random.of(&KEY_LENGTHS))
                .collect::<String>();
            json!({&long: {&long: [strings]}, "keys": keys})
        }
        _ => {
            json!({"apiVersion": strings[0], "metadata": {"name": strings[1]}, "keys": keys, "values": strings})
        }
    }
}

fn number(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!(random.next()),
        1 => json!(random.next().cast_signed()),
        2 => json!(random.of(NUMBERS)),
        _ => json!(f64::from_bits(random.next())),
    }
}

/// `SplitMix64`: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("less than the limit")
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn string(&mut self) -> String {
        match self.below(7) {
            0 => self.spelling(),
            1 => self.mutation(),
            2 => format!(
                "{}{}{}",
                self.of(WORDS),
                self.of(&["", " ", "\n", "\t", ":", "_"]),
                self.of(WORDS)
            ),
            3 => self.text("0123456789_.:+-eExXoObBpTtZz, ", 10),
            4 => self.text("ab01 \t\n\n:#-?,[]{}&*!|>'\"%@`\\~=<", 14),
            5 => self.lines(),
            _ => (0..self.below(8)).map(|_| self.character()).collect(),
        }
    }

    /// A word in another case.
    fn spelling(&mut self) -> String {
        let word = self.of(WORDS);
        word.chars()
            .map(|c| {
                if self.below(2) == 0 {
                    c.to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect()
    }

    /// A word with a character put in, put elsewhere or taken out.
    fn mutation(&mut self) -> String {
        let mut word: Vec<char> = self.of(WORDS).chars().collect();
        for _ in 0..=self.below(2) {
            let at = self.below(word.len() + 1);
            match self.below(3) {
                0 if at < word.len() => drop(word.remove(at)),
                1 if at < word.len() => word[at] = self.character(),
                _ => word.insert(at, self.character()),
            }
        }
        word.into_iter().collect()
    }

    fn text(&mut self, alphabet: &str, longest: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..self.below(longest))
            .map(|_| self.of(&alphabet))
            .collect()
    }

    /// Several lines with margins, blank ends and words.
    fn lines(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(6) {
            text += self.of(&[
                "", "", "", " ", "  ", "    ", "\t", "\t\t", " \t", "#", "- ",
            ]);
            text += self.of(WORDS);
            text += self.of(&["", "", "", " ", "\t", "  "]);
            text += self.of(&["\n", "\n", "\n", "\n\n", ""]);
        }
        text
    }

    /// Mostly ASCII, then what is special to YAML, then anything.
    fn character(&mut self) -> char {
        let limit = self.of(&[0x80, 0x80, 0x80, 0x100, 0x3000, 0x1_0000, 0x11_0000]);
        let code = u32::try_from(self.below(limit)).expect("a code point has 21 bits");
        char::from_u32(code).unwrap_or('\u{2028}')
    }
}
