//! From words to tables, chains and rules.

use std::collections::BTreeMap;

use super::words::{Token, tokens};
use super::{Chain, Policy, Ruleset, Statement};
use crate::meet::range;

/// Reads a ruleset.
pub(super) fn ruleset(text: &str) -> Ruleset {
    let mut reader = Reader {
        tokens: tokens(text),
        position: 0,
        definitions: BTreeMap::new(),
        ruleset: Ruleset::default(),
    };
    while reader.position < reader.tokens.len() {
        reader.command();
    }
    reader.ruleset
}

struct Reader<'t> {
    tokens: Vec<(usize, Token<'t>)>,
    position: usize,
    definitions: BTreeMap<String, Vec<String>>,
    ruleset: Ruleset,
}

/// How a run of words ends.
#[derive(PartialEq, Eq)]
enum Stop {
    Statement,
    Block,
    Closed,
}

impl Reader<'_> {
    fn command(&mut self) {
        let (statement, stop) = self.head();
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        let bare = words.strip_prefix(&["add"]).unwrap_or(&words);
        match (bare, &stop) {
            (["table", table @ ..], Stop::Block) => {
                let table = table.join(" ");
                self.table(&table);
            }
            (["chain", table @ .., name], Stop::Block) => {
                let (table, name) = (table.join(" "), (*name).to_owned());
                self.chain(table, name, statement.line);
            }
            (["set", table @ .., name], Stop::Block) => {
                let key = (table.join(" "), (*name).to_owned());
                self.set(key);
            }
            (_, Stop::Block) => {
                let rest = self.block_words();
                self.stand_alone(statement, rest);
            }
            (_, Stop::Statement) => self.stand_alone(statement, Vec::new()),
            (_, Stop::Closed) => {}
        }
    }

    /// A command without a block of its own; its braces enclose a set.
    fn stand_alone(&mut self, mut statement: Statement, rest: Vec<String>) {
        statement.words.extend(rest);
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        match &words[..] {
            [] => {}
            ["define", name, "=", values @ ..] => {
                let values = values.iter().filter(|word| !matches!(**word, "{" | "}"));
                let values = values.map(|word| (*word).to_owned()).collect();
                self.definitions.insert((*name).to_owned(), values);
            }
            ["add" | "insert", "rule", family, table, chain, rule @ ..] => {
                let table = format!("{family} {table}");
                let rule = Statement {
                    line: statement.line,
                    words: rule.iter().map(|word| (*word).to_owned()).collect(),
                };
                let mut chains = self.ruleset.chains.iter_mut();
                let found = chains.find(|found| found.table == table && found.name == *chain);
                if let Some(found) = found {
                    found.rules.push(rule);
                }
            }
            _ => self.ruleset.commands.push(statement),
        }
    }

    fn table(&mut self, table: &str) {
        loop {
            let (statement, stop) = self.head();
            let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
            match (&words[..], &stop) {
                (["chain", name], Stop::Block) => {
                    self.chain(table.to_owned(), (*name).to_owned(), statement.line);
                }
                (["set", name], Stop::Block) => self.set((table.to_owned(), (*name).to_owned())),
                (_, Stop::Block) => {
                    self.block_words();
                }
                (_, Stop::Closed) => return,
                (_, Stop::Statement) if self.position >= self.tokens.len() => return,
                (_, Stop::Statement) => {}
            }
        }
    }

    fn chain(&mut self, table: String, name: String, line: usize) {
        let mut chain = Chain {
            table,
            name,
            line,
            hook: None,
            rules: Vec::new(),
            policy: Policy::Accept,
        };
        loop {
            let (mut statement, mut stop) = self.head();
            while stop == Stop::Block {
                let set = self.block_words();
                statement.words.extend(set);
                let (rest, next) = self.head();
                statement.words.extend(rest.words);
                stop = next;
            }
            add(&mut chain, statement);
            if stop == Stop::Closed || self.position >= self.tokens.len() {
                self.ruleset.chains.push(chain);
                return;
            }
        }
    }

    fn set(&mut self, key: (String, String)) {
        let mut elements = Vec::new();
        loop {
            let (statement, stop) = self.head();
            let is_elements = statement.says(&["elements", "="]);
            if stop == Stop::Block {
                let words = self.block_words();
                if is_elements {
                    elements.extend(words.iter().filter_map(|word| range(word)));
                }
            }
            if stop == Stop::Closed || self.position >= self.tokens.len() {
                self.ruleset.sets.insert(key, elements);
                return;
            }
        }
    }

    /// The words up to the end of a statement, or to a brace.
    fn head(&mut self) -> (Statement, Stop) {
        let mut statement = Statement {
            line: self.tokens.get(self.position).map_or(1, |(line, _)| *line),
            words: Vec::new(),
        };
        while let Some(&(line, token)) = self.tokens.get(self.position) {
            self.position += 1;
            match token {
                Token::Word(word) => {
                    if statement.words.is_empty() {
                        statement.line = line;
                    }
                    self.push(&mut statement.words, word);
                }
                Token::End if statement.words.is_empty() => {}
                Token::End => return (statement, Stop::Statement),
                Token::Open => return (statement, Stop::Block),
                Token::Close => return (statement, Stop::Closed),
            }
        }
        (statement, Stop::Statement)
    }

    fn push(&self, words: &mut Vec<String>, word: &str) {
        let defined = word
            .strip_prefix('$')
            .and_then(|name| self.definitions.get(name));
        match defined {
            Some(values) if values.len() > 1 => {
                words.push("{".to_owned());
                words.extend(values.iter().cloned());
                words.push("}".to_owned());
            }
            Some(values) => words.extend(values.iter().cloned()),
            None => words.push(word.to_owned()),
        }
    }

    /// What is between braces, the first of which is read already.
    fn block_words(&mut self) -> Vec<String> {
        let mut words = vec!["{".to_owned()];
        let mut depth = 1;
        while depth > 0 {
            let Some(&(_, token)) = self.tokens.get(self.position) else {
                break;
            };
            self.position += 1;
            match token {
                Token::Word(word) => self.push(&mut words, word),
                Token::Open => {
                    depth += 1;
                    words.push("{".to_owned());
                }
                Token::Close => {
                    depth -= 1;
                    words.push("}".to_owned());
                }
                Token::End => {}
            }
        }
        words
    }
}

/// Adds what stands in a chain: its hook, its policy or a rule.
fn add(chain: &mut Chain, statement: Statement) {
    let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
    match &words[..] {
        [] => {}
        ["type", _, "hook", hook, ..] => {
            let behind = statement.behind(&["priority"]).unwrap_or_default();
            chain.hook = Some(((*hook).to_owned(), priority(behind)));
        }
        ["policy", policy] => {
            chain.policy = if *policy == "drop" {
                Policy::Drop
            } else {
                Policy::Accept
            };
        }
        _ => chain.rules.push(statement),
    }
}

/// A number, or a name with or without a number: `filter + 10`, `-10`.
fn priority(words: &[String]) -> i32 {
    let text = words.concat();
    let known = [
        ("raw", -300),
        ("mangle", -150),
        ("dstnat", -100),
        ("filter", 0),
        ("security", 50),
        ("srcnat", 100),
    ];
    let named = known
        .into_iter()
        .find_map(|(name, value)| Some((text.strip_prefix(name)?, value)));
    let (rest, base) = named.unwrap_or((&text, 0));
    let rest = rest.trim_start_matches('+');
    base + rest.parse::<i32>().unwrap_or_default()
}
