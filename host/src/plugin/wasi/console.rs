//! Standard output and error of a guest, as lines for its log.

/// Longest line; what is longer is broken.
const LINE_BYTES: usize = 4096;
/// How much of standard error is kept to say how a call ended. A language's
/// traceback has what went wrong at its end.
const LAST_WORDS_BYTES: usize = 4096;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Stream {
    Output,
    Error,
}

/// What was written and is not a whole line yet, and the end of what standard
/// error said.
#[derive(Debug, Default)]
pub(in crate::plugin) struct Console {
    output: Vec<u8>,
    error: Vec<u8>,
    last_words: String,
}

impl Console {
    /// Takes what a guest writes; comes back with the lines that it completes.
    pub(in crate::plugin) fn write(&mut self, stream: Stream, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.pending(stream).extend_from_slice(piece);
            while let Some(line) = self.take_line(stream) {
                if stream == Stream::Error {
                    self.remember(&line);
                }
                lines.push(line);
            }
        }
        lines
    }

    /// What standard error said last, if it said anything.
    pub(in crate::plugin) fn last_words(&self) -> Option<&str> {
        let words = self.last_words.trim_end();
        (!words.is_empty()).then_some(words)
    }

    fn pending(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Output => &mut self.output,
            Stream::Error => &mut self.error,
        }
    }

    fn take_line(&mut self, stream: Stream) -> Option<String> {
        let pending = self.pending(stream);
        let newline = pending.iter().position(|byte| *byte == b'\n');
        let end = match newline {
            Some(end) if end <= LINE_BYTES => end,
            _ if pending.len() > LINE_BYTES => LINE_BYTES,
            _ => return None,
        };
        let line = String::from_utf8_lossy(&pending[..end]).into_owned();
        let taken = if newline == Some(end) { end + 1 } else { end };
        pending.drain(..taken);
        Some(line)
    }

    fn remember(&mut self, line: &str) {
        self.last_words.push_str(line);
        self.last_words.push('\n');
        let excess = self.last_words.len().saturating_sub(LAST_WORDS_BYTES);
        let start = self.last_words.ceil_char_boundary(excess);
        self.last_words.drain(..start);
    }
}

#[cfg(test)]
mod tests {
    use super::{Console, LAST_WORDS_BYTES, LINE_BYTES, Stream};

    #[test]
    fn lines_are_put_together_from_pieces() {
        let mut console = Console::default();
        assert!(console.write(Stream::Output, b"one, ").is_empty());
        assert_eq!(
            console.write(Stream::Output, b"two\nthree\nfo"),
            ["one, two", "three"]
        );
        assert_eq!(console.write(Stream::Output, b"ur\n"), ["four"]);
    }

    #[test]
    fn a_line_without_an_end_is_broken() {
        let mut console = Console::default();
        let lines = console.write(Stream::Output, &vec![b'x'; 2 * LINE_BYTES + 1]);
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn the_end_of_standard_error_is_remembered() {
        let mut console = Console::default();
        for number in 0..LAST_WORDS_BYTES {
            console.write(Stream::Error, format!("line {number}\n").as_bytes());
        }
        let words = console.last_words().expect("something was said");
        assert!(words.ends_with("line 4095"), "{words}");
        assert!(words.len() <= LAST_WORDS_BYTES);
    }

    #[test]
    fn standard_output_is_no_last_word() {
        let mut console = Console::default();
        console.write(Stream::Output, b"hello\n");
        assert_eq!(console.last_words(), None);
    }
}
