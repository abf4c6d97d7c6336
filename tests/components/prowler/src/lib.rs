//! Reaches for the machine through WASI, as its config says, and renders what
//! it got hold of into a file.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::{Cluster, Description, Facts, File, Plugin, Rendering, export};

mod bindings {
    wit_bindgen::generate!({
        world: "prowler",
        generate_all,
    });
}

use bindings::wasi::cli::{environment, exit, stderr, stdin, stdout};
use bindings::wasi::clocks::{monotonic_clock, wall_clock};
use bindings::wasi::filesystem::preopens;
use bindings::wasi::io::poll;
use bindings::wasi::random::{insecure, insecure_seed, random};
use bindings::wasi::sockets::network::{ErrorCode, IpAddressFamily};
use bindings::wasi::sockets::{
    instance_network, ip_name_lookup, tcp_create_socket, udp_create_socket,
};

/// A hundred years.
const NANOSECONDS: u64 = 100 * 365 * 86_400 * 1_000_000_000;

struct Prowler;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    reach: Reach,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Reach {
    Environment,
    Input,
    Files,
    Sockets,
    Names,
    Clocks,
    Sleep,
    /// Waits for the clock itself to move.
    Spin,
    Randomness,
    /// More random bytes than the host has memory for.
    RandomFlood,
    /// Writes to both streams, then dies.
    LastWords,
    OutputFlood,
    Exit,
    /// A function that no guest needs.
    Splice,
}

impl Plugin for Prowler {
    type Config = Config;

    fn describe() -> Description {
        Description::new("prowler", "0.1.0", "reaches for the machine").host_paths(&["/etc/found"])
    }

    fn render(_: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let found = match config.reach {
            Reach::Environment => environment(),
            Reach::Input => format!("{:?}", stdin::get_stdin().blocking_read(1).is_err()),
            Reach::Files => format!("{} directories", preopens::get_directories().len()),
            Reach::Sockets => sockets(),
            Reach::Names => names(),
            Reach::Clocks => clocks(),
            Reach::Sleep => sleep(),
            Reach::Spin => spin(),
            Reach::Randomness => randomness(),
            Reach::RandomFlood => format!("{:?}", random::get_random_bytes(1 << 40)),
            Reach::LastWords => last_words(),
            Reach::OutputFlood => output_flood(),
            Reach::Exit => {
                exit::exit(Ok(()));
                "still there".to_owned()
            }
            Reach::Splice => {
                let input = stdin::get_stdin();
                format!("{:?}", stdout::get_stdout().splice(&input, 1).is_err())
            }
        };
        let mut rendering = Rendering::default();
        rendering.push(File::on_node("pi-1", "/etc/found", found));
        rendering
    }
}

fn environment() -> String {
    format!(
        "{:?} {:?} {:?}",
        environment::get_environment(),
        environment::get_arguments(),
        environment::initial_cwd()
    )
}

fn sockets() -> String {
    let tcp = tcp_create_socket::create_tcp_socket(IpAddressFamily::Ipv4);
    let udp = udp_create_socket::create_udp_socket(IpAddressFamily::Ipv6);
    format!("{} {}", denied(tcp), denied(udp))
}

fn denied<T>(result: Result<T, ErrorCode>) -> &'static str {
    match result {
        Ok(_) => "granted",
        Err(ErrorCode::AccessDenied) => "denied",
        Err(_) => "failed",
    }
}

fn names() -> String {
    let network = instance_network::instance_network();
    denied(ip_name_lookup::resolve_addresses(&network, "example.net")).to_owned()
}

fn clocks() -> String {
    let wall = wall_clock::now();
    format!(
        "{} {} {}",
        monotonic_clock::now(),
        wall.seconds,
        wall.nanoseconds
    )
}

fn sleep() -> String {
    let timers = [
        monotonic_clock::subscribe_duration(NANOSECONDS),
        monotonic_clock::subscribe_instant(NANOSECONDS),
        stderr::get_stderr().subscribe(),
    ];
    timers[0].block();
    let ready = poll::poll(&timers.iter().collect::<Vec<_>>());
    format!("{ready:?} {}", timers[1].ready())
}

fn spin() -> String {
    while monotonic_clock::now() < NANOSECONDS {}
    "it moved".to_owned()
}

fn randomness() -> String {
    format!(
        "{:x?} {:x} {:x?} {:x} {:x?}",
        random::get_random_bytes(9),
        random::get_random_u64(),
        insecure::get_insecure_random_bytes(9),
        insecure::get_insecure_random_u64(),
        insecure_seed::insecure_seed()
    )
}

fn last_words() -> String {
    let write = |text: &str| {
        let written = stderr::get_stderr().blocking_write_and_flush(text.as_bytes());
        assert!(written.is_ok());
    };
    write("Traceback:\n  File \"app.py\"\n");
    write("\u{1b}[31mValueError: no\n");
    core::arch::wasm32::unreachable()
}

fn output_flood() -> ! {
    loop {
        let written = stdout::get_stdout().blocking_write_and_flush(b"noise\n");
        assert!(written.is_ok());
    }
}

export!(Prowler);
