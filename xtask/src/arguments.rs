//! The command line.

use std::path::PathBuf;

/// Arguments that were not asked for yet.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(arguments: Vec<String>) -> Self {
        Self(arguments)
    }

    pub(crate) fn chore(&mut self) -> Result<String, String> {
        if self.0.is_empty() {
            return Err("which chore?".to_owned());
        }
        Ok(self.0.remove(0))
    }

    pub(crate) fn number(&mut self, name: &str) -> Result<Option<usize>, String> {
        self.value(name)?
            .map(|text| {
                let number = text.parse();
                number.map_err(|_| format!("`{name} {text}` is no number"))
            })
            .transpose()
    }

    pub(crate) fn path(&mut self, name: &str) -> Result<Option<PathBuf>, String> {
        Ok(self.value(name)?.map(PathBuf::from))
    }

    fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        let Some(at) = self.0.iter().position(|argument| argument == name) else {
            return Ok(None);
        };
        if at + 1 == self.0.len() {
            return Err(format!("`{name}` wants a value"));
        }
        self.0.remove(at);
        Ok(Some(self.0.remove(at)))
    }

    pub(crate) fn finish(self) -> Result<(), String> {
        match self.0.first() {
            None => Ok(()),
            Some(unknown) => Err(format!("`{unknown}` means nothing here")),
        }
    }
}
