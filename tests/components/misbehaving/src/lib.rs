//! Breaks the limit that its config names, in `render`.

use std::hint::black_box;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::{Cluster, Description, Diagnostic, Facts, File, Plugin, Rendering, export};

struct Misbehaving;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    misdeed: Misdeed,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Misdeed {
    /// Work without an end.
    EndlessLoop,
    /// Memory without an end.
    MemoryBomb,
    /// Calls without an end.
    Recursion,
    /// A panic whose message would repaint a terminal.
    Panic,
    /// One file larger than an answer may be.
    LargeFile,
    /// A finding whose text would repaint a terminal.
    EscapeSequences,
    /// A fresh line of log for as long as it may run.
    LogFlood,
    /// All that differs from run to run on other machines.
    Nondeterminism,
}

impl Plugin for Misbehaving {
    type Config = Config;

    fn describe() -> Description {
        Description::new("misbehaving", "0.1.0", "breaks a limit")
    }

    fn render(_: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        match config.misdeed {
            Misdeed::EndlessLoop => endless_loop(),
            Misdeed::MemoryBomb => memory_bomb(),
            Misdeed::Recursion => drop(black_box(recursion(1))),
            Misdeed::Panic => panic!("\u{1b}[2J\u{202e}gone\0"),
            Misdeed::LargeFile => rendering.push(large_file()),
            Misdeed::EscapeSequences => rendering.report(
                Diagnostic::error("\u{1b}]0;code\u{7}", "\u{1b}[31mred\u{202e}\u{61c}\0")
                    .hint("\u{1b}[8mhidden"),
            ),
            Misdeed::LogFlood => log_flood(),
            Misdeed::Nondeterminism => rendering.push(nondeterminism()),
        }
        rendering
    }
}

fn endless_loop() {
    let mut rounds = 0_u64;
    loop {
        rounds = black_box(rounds.wrapping_add(1));
    }
}

fn memory_bomb() {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "what it is there for")]
fn recursion(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    recursion(frame[0] + 1) + frame[1]
}

fn large_file() -> File {
    File::on_node("pi-1", "/etc/large", vec![b'x'; 132 << 20])
}

fn log_flood() {
    loop {
        ztgit_plugin::log(black_box("\u{1b}[31mnoise"));
    }
}

/// The order of a hash map, the bits of a NaN, the address of a value.
fn nondeterminism() -> File {
    #[expect(clippy::disallowed_types, reason = "its order is what is tried")]
    let map: std::collections::HashMap<u32, u32> = (0..100).map(|i| (i, i)).collect();
    let order: Vec<&u32> = map.keys().collect();
    let (zero, other) = (black_box(0.0_f64), black_box(0.0_f64));
    let bits = [(zero / other).to_bits(), (-zero / other).sqrt().to_bits()];
    let address = std::ptr::from_ref(&order).addr();
    File::on_node(
        "pi-1",
        "/etc/order",
        format!("{order:?} {bits:x?} {address:x}"),
    )
}

export!(Misbehaving);
