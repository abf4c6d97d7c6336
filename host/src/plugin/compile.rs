//! A stranger's component to machine code, in a process of its own.
//!
//! Compiling is the one thing that a component can make expensive before any
//! limit of a call holds: a module of a megabyte may take a compiler a minute
//! and gigabytes. So this program runs itself once more, under limits of CPU
//! time and memory that grow with the component: the bytes go in on standard
//! input, the compiled code comes back on standard output.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use wasmtime::Engine;

use super::engine_config::engine_config;
use super::error::{Refusal, escaped};

/// The hidden command that compiles what is on its standard input.
pub(crate) const COMMAND: &str = "compile-component";
/// How the child ends when the component does not compile.
pub(crate) const REFUSED: u8 = 5;
/// Bytes of the reason that are shown.
const REASON_BYTES: u64 = 4096;

/// Threads that compile.
const MOST_THREADS: usize = 8;

/// Who compiles components that are not this program's own.
#[derive(Debug, Clone)]
pub(super) enum Compiler {
    /// This process.
    Here,
    /// A child: this program, run with [`COMMAND`].
    Child {
        /// Its file.
        program: PathBuf,
        /// What it may use for a component of so many bytes.
        limits: fn(usize) -> CompileLimits,
    },
}

/// What compiling a component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Seconds of CPU time, all threads together.
    pub seconds: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of compiled code.
    pub output: u64,
}

impl CompileLimits {
    /// Compilers take time and memory in proportion to honest code, so that is
    /// what a component gets; a bomb is what takes more than its share.
    ///
    /// Measured on honest components (Rust of 0.4 and 1.0 MiB, `QuickJS` of 1.5, `CPython`
    /// of 17.8), on a busy x86-64 with [`MOST_THREADS`]: 1.9, 4.3, 6.4 and 32 seconds of
    /// CPU time, and 1.5, 3.6, 5.5 and 38 MiB of code. That is a fifth of what they get,
    /// or less, so that a machine of a fifth of the speed compiles them too. Memory is the
    /// same everywhere: below 256 MiB did not do for the first, 448 for the third, 768 for
    /// the last. So ten seconds and half a gibibyte for all, which stop more bombs, would
    /// stop every guest in Python, too.
    pub fn of(component: usize) -> Self {
        let mebibytes = (component as u64).div_ceil(1 << 20);
        Self {
            seconds: 20 + 8 * mebibytes,
            memory: (512 << 20) + mebibytes * (96 << 20),
            output: (32 << 20) + mebibytes * (16 << 20),
        }
    }
}

impl Compiler {
    /// The compiled code of a component.
    pub(super) fn compile(&self, engine: &Engine, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Here => engine
                .precompile_component(bytes)
                .map_err(|error| Refusal::Invalid(format!("{error:#}"))),
            Self::Child { program, limits } => in_child(program, bytes, limits(bytes.len())),
        }
    }
}

fn in_child(program: &Path, bytes: &[u8], limits: CompileLimits) -> Result<Vec<u8>, Refusal> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .args([bytes.len() as u64, limits.seconds, limits.memory].map(|n| n.to_string()))
        .env_clear()
        // The allocator takes a gibibyte at once otherwise, which the limit forbids.
        .env("MIMALLOC_DISALLOW_ARENA_ALLOC", "1")
        .env("RAYON_NUM_THREADS", threads().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Refusal::Compiler)?;
    let compiled = converse(&mut child, bytes, limits.output);
    let over = matches!(&compiled, Ok((code, _)) if code.len() as u64 > limits.output);
    if over || compiled.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
    }
    let status = child.wait().map_err(Refusal::Compiler)?;
    let (code, reason) = compiled.map_err(Refusal::Compiler)?;
    if over {
        return Err(Refusal::CompiledSize {
            limit: limits.output,
        });
    }
    if status.success() {
        return Ok(code);
    }
    Err(refusal(status, &reason, limits))
}

/// As many as there are cores, up to what the limit of memory was measured with: each has
/// a stack and functions under way.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS))
}

/// Hands over the component and takes the code and, where there is none, why.
fn converse(child: &mut Child, bytes: &[u8], limit: u64) -> io::Result<(Vec<u8>, String)> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        unreachable!("all three were asked for as pipes")
    };
    thread::scope(|scope| {
        // The child may be killed before it has read everything.
        scope.spawn(move || stdin.write_all(bytes));
        let mut code = Vec::new();
        stdout.take(limit + 1).read_to_end(&mut code)?;
        let mut reason = Vec::new();
        if code.len() as u64 <= limit {
            stderr.take(REASON_BYTES).read_to_end(&mut reason)?;
        }
        Ok((code, String::from_utf8_lossy(&reason).trim().to_owned()))
    })
}

/// What the child's end means.
fn refusal(status: ExitStatus, reason: &str, limits: CompileLimits) -> Refusal {
    let ended_by = |signal: Signal| status.signal() == Some(signal.as_raw());
    if ended_by(Signal::XCPU) {
        Refusal::CompileTime {
            seconds: limits.seconds,
        }
    } else if ended_by(Signal::ABORT) || ended_by(Signal::KILL) {
        // Rust aborts where it gets no memory; the kernel kills where there is
        // none.
        Refusal::CompileMemory {
            limit: limits.memory,
        }
    } else if status.code() == Some(i32::from(REFUSED)) {
        Refusal::Invalid(escaped(reason))
    } else {
        Refusal::Invalid(format!(
            "the compiler ended with {status}: {}",
            escaped(reason)
        ))
    }
}

/// The child's side: bounds its CPU time and memory, reads a component of that many
/// bytes and comes back with its code.
pub(crate) fn compile_bounded(bytes: usize, seconds: u64, memory: u64) -> Result<Vec<u8>, Refusal> {
    let bound = |resource, value: u64| {
        let maximum = getrlimit(resource).maximum;
        let limit = Rlimit {
            current: Some(maximum.map_or(value, |maximum| value.min(maximum))),
            maximum,
        };
        setrlimit(resource, limit).map_err(|error| Refusal::Compiler(error.into()))
    };
    bound(Resource::Cpu, seconds)?;
    bound(Resource::Data, memory)?;
    bound(Resource::Core, 0)?;
    let mut component = Vec::with_capacity(bytes);
    io::stdin()
        .take(bytes as u64)
        .read_to_end(&mut component)
        .map_err(Refusal::Compiler)?;
    let engine = Engine::new(&engine_config()).expect("the engine's settings are consistent");
    Compiler::Here.compile(&engine, &component)
}

#[cfg(test)]
mod tests {
    use super::CompileLimits;

    #[test]
    fn a_larger_component_may_use_more() {
        let small = CompileLimits::of(200 << 10);
        let large = CompileLimits::of(18 << 20);
        assert_eq!((small.seconds, small.memory >> 20), (28, 608));
        assert_eq!((large.seconds, large.memory >> 20), (164, 2240));
    }
}
