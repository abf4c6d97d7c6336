//! What can go wrong with a plugin.

use std::collections::BTreeSet;
use std::fmt;

use crate::name::PluginName;
use crate::tree::Sha256;

/// A plugin that cannot be used, or that failed in a call.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// It is refused before any of its code runs.
    #[error("plugin `{plugin}` ({digest}) is refused")]
    Refused {
        /// Its name in the stack.
        plugin: PluginName,
        /// Of the component.
        digest: Sha256,
        /// Why.
        #[source]
        reason: Refusal,
    },
    /// A call did not come to its end.
    #[error("plugin `{plugin}` ({digest}) failed in `{function}`")]
    Failed {
        /// Its name in the stack.
        plugin: PluginName,
        /// Of the component.
        digest: Sha256,
        /// The function of the WIT.
        function: &'static str,
        /// What ended it.
        #[source]
        failure: Failure,
    },
    /// A call ended with something that is not what the WIT says.
    #[error("plugin `{plugin}` ({digest}) gave an invalid answer from `{function}`: {problem}")]
    InvalidOutput {
        /// Its name in the stack.
        plugin: PluginName,
        /// Of the component.
        digest: Sha256,
        /// The function of the WIT.
        function: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// Why a component is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not WebAssembly.
    #[error("it is not a WebAssembly component")]
    NotWebAssembly,
    /// A module is what a compiler makes; a component is made of it.
    #[error(
        "it is a core WebAssembly module, not a component; wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// It does not parse or compile.
    #[error("it does not compile: {0}")]
    Invalid(String),
    /// Compiling it takes too long.
    #[error(
        "compiling it takes more than {seconds} s of CPU time, far more than a component of its size needs"
    )]
    CompileTime {
        /// The limit.
        seconds: u64,
    },
    /// Compiling it takes too much memory.
    #[error("compiling it takes more than {} MiB of memory, far more than a component of its size needs", limit >> 20)]
    CompileMemory {
        /// The limit in bytes.
        limit: u64,
    },
    /// Too much comes out.
    #[error("it compiles to more than {} MiB of machine code", limit >> 20)]
    CompiledSize {
        /// The limit in bytes.
        limit: u64,
    },
    /// The compiler's process cannot be had.
    #[error("the compiler cannot be run")]
    Compiler(#[source] std::io::Error),
    /// It asks for something that no plugin gets.
    #[error("it imports `{0}`, but a plugin may import only `ztgit:plugin/log@{version}`", version = super::WIT_VERSION)]
    ForeignImport(String),
    /// It asks for WASI, and the stack does not let it.
    #[error(
        "it imports WASI ({}), which a plugin gets only where the stack says `wasi: true`",
        interfaces.iter().cloned().collect::<Vec<_>>().join(", ")
    )]
    Wasi {
        /// The interfaces without version, such as `clocks/wall-clock`.
        interfaces: BTreeSet<String>,
    },
    /// It has the interface in another version.
    #[error("it was built against ztgit:plugin@{found}, this ztgit speaks {version}", version = super::WIT_VERSION)]
    Version {
        /// What it exports.
        found: String,
    },
    /// It has another world's exports.
    #[error("it does not export `ztgit:plugin/plugin@{version}`", version = super::WIT_VERSION)]
    NoPlugin,
    /// The name is right and a type is not.
    #[error("its functions do not have the types of ztgit:plugin@{version}: {detail}", version = super::WIT_VERSION)]
    Types {
        /// What wasmtime found.
        detail: String,
    },
}

/// What ended a call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Too much work.
    #[error("it used up its fuel of {limit} units: an endless loop, or far too much work")]
    Fuel {
        /// The limit.
        limit: u64,
    },
    /// Too long by the clock.
    #[error("it did not end within {seconds} s")]
    Deadline {
        /// The limit.
        seconds: u64,
    },
    /// Too much memory.
    #[error("it asked for more than {} MiB of memory", limit >> 20)]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too large a table.
    #[error("it asked for a table of more than {limit} entries")]
    Table {
        /// The limit.
        limit: usize,
    },
    /// Too deep a recursion.
    #[error("it overflowed its stack of {} KiB: recursion without an end", limit >> 10)]
    Stack {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too large an answer.
    #[error("its answer is larger than {} MiB", limit >> 20)]
    Output {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too many calls of the host.
    #[error("it logged more than {limit} lines")]
    Log {
        /// The limit.
        limit: usize,
    },
    /// A panic of the guest.
    #[error("it panicked: {message}{}", Calls(functions))]
    Panic {
        /// What it logged last, escaped.
        message: String,
        /// What was running, the innermost first.
        functions: Vec<String>,
    },
    /// Any other trap.
    #[error("it trapped: {detail}{}", Calls(functions))]
    Trap {
        /// wasmtime's words.
        detail: String,
        /// What was running, the innermost first.
        functions: Vec<String>,
    },
    /// What it asked of the host, or answered, cannot be.
    #[error("its call was ended: {detail}")]
    Ended {
        /// wasmtime's words.
        detail: String,
    },
}

/// Functions as lines below a message.
struct Calls<'a>(&'a [String]);

impl fmt::Display for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|function| write!(f, "\n    in {function}"))
    }
}

/// Text from a guest as it may be shown: control characters and those that
/// change the direction of text are escaped.
pub(crate) fn escaped(text: &str) -> String {
    use fmt::Write as _;
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' || (!character.is_control() && !is_directional(character)) {
            shown.push(character);
        } else {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        }
    }
    shown
}

/// The same for what stands in a line of its own, so that a guest makes no other lines.
pub(crate) fn one_line(text: &str) -> String {
    escaped(text).replace('\n', "\\n")
}

fn is_directional(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{escaped, one_line};

    #[test]
    fn a_text_in_a_line_does_not_go_on_in_the_next_one() {
        assert_eq!(one_line("demo\n\u{1b}[A"), "demo\\n\\u{1b}[A");
    }

    #[test]
    fn escape_sequences_and_bidirectional_marks_are_made_visible() {
        assert_eq!(
            escaped("\u{1b}[31mred\u{202e}\0"),
            "\\u{1b}[31mred\\u{202e}\\u{0}"
        );
    }
}
