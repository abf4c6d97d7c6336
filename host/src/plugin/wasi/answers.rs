//! The functions of WASI that answer, interface by interface.

use wasmtime::component::{
    ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower, Resource,
};

use super::Stream;
use super::resources::{
    Descriptor, InputStream, IoError, Network, OutputStream, Pollable, ResolveAddressStream,
    TcpSocket, TerminalInput, TerminalOutput, UdpSocket, output, stream, the_only,
};
use crate::plugin::call::State;

type Linking<'a> = LinkerInstance<'a, State>;

/// Most random bytes that can be had at a time: the host allocates them.
const RANDOM_BYTES: u64 = 1 << 20;
/// What every call costs: the host's work takes no instruction of the guest's, and
/// fuel is what has to decide how long a guest runs that asks for ever.
const CALL_FUEL: u64 = 1000;
/// What a guest may write to a stream without asking anew.
const WRITE_BYTES: u64 = 64 << 10;

/// Defines a function, if it is one that answers.
pub(super) fn define(
    linker: &mut Linking<'_>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<bool> {
    match interface {
        "cli/environment" => environment(linker, name),
        "cli/stdin" => constantly(linker, name, "get-stdin", the_only::<InputStream>),
        "cli/stdout" => constantly(linker, name, "get-stdout", || output(Stream::Output)),
        "cli/stderr" => constantly(linker, name, "get-stderr", || output(Stream::Error)),
        "cli/terminal-stdin" => constantly(linker, name, "get-terminal-stdin", || {
            None::<Resource<TerminalInput>>
        }),
        "cli/terminal-stdout" => constantly(linker, name, "get-terminal-stdout", || {
            None::<Resource<TerminalOutput>>
        }),
        "cli/terminal-stderr" => constantly(linker, name, "get-terminal-stderr", || {
            None::<Resource<TerminalOutput>>
        }),
        "clocks/monotonic-clock" => monotonic_clock(linker, name),
        "clocks/wall-clock" => wall_clock(linker, name),
        "filesystem/preopens" => constantly(linker, name, "get-directories", || {
            Vec::<(Resource<Descriptor>, String)>::new()
        }),
        "io/poll" => poll(linker, name),
        "io/streams" => streams(linker, name),
        "random/random" | "random/insecure" | "random/insecure-seed" => random(linker, name),
        "sockets/instance-network" => {
            constantly(linker, name, "instance-network", the_only::<Network>)
        }
        "sockets/ip-name-lookup" | "sockets/tcp-create-socket" | "sockets/udp-create-socket" => {
            sockets(linker, name)
        }
        _ => Ok(false),
    }
}

/// A function of this name without parameters.
fn constantly<T>(
    linker: &mut Linking<'_>,
    name: &str,
    expected: &str,
    value: impl Fn() -> T + Send + Sync + 'static,
) -> wasmtime::Result<bool>
where
    T: ComponentType + Lower + Send + Sync + 'static,
{
    if name != expected {
        return Ok(false);
    }
    answer(linker, name, move |_, (): ()| Ok((value(),)))
}

fn answer<P, R>(
    linker: &mut Linking<'_>,
    name: &str,
    run: impl Fn(&mut State, P) -> wasmtime::Result<R> + Send + Sync + 'static,
) -> wasmtime::Result<bool>
where
    P: ComponentNamedList + Lift + Send + 'static,
    R: ComponentNamedList + Lower + Send + 'static,
{
    linker.func_wrap(name, move |mut store, parameters| {
        let fuel = store.get_fuel()?;
        store.set_fuel(fuel.saturating_sub(CALL_FUEL))?;
        run(store.data_mut(), parameters)
    })?;
    Ok(true)
}

fn environment(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "get-environment" => answer(linker, name, |_, (): ()| {
            Ok((Vec::<(String, String)>::new(),))
        }),
        "get-arguments" => answer(linker, name, |_, (): ()| Ok((Vec::<String>::new(),))),
        "initial-cwd" => answer(linker, name, |_, (): ()| Ok((None::<String>,))),
        _ => Ok(false),
    }
}

/// Stands at zero, and whatever is waited for has passed: a guest that waits for
/// the clock itself to move uses up its fuel.
fn monotonic_clock(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "now" => answer(linker, name, |_, (): ()| Ok((0_u64,))),
        "resolution" => answer(linker, name, |_, (): ()| Ok((1_u64,))),
        "subscribe-instant" | "subscribe-duration" => answer(linker, name, |_, (_,): (u64,)| {
            Ok((the_only::<Pollable>(),))
        }),
        _ => Ok(false),
    }
}

/// Seconds and nanoseconds since 1970.
#[derive(ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

fn wall_clock(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    let nanoseconds = match name {
        "now" => 0,
        "resolution" => 1,
        _ => return Ok(false),
    };
    answer(linker, name, move |_, (): ()| {
        Ok((Datetime {
            seconds: 0,
            nanoseconds,
        },))
    })
}

fn poll(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "[method]pollable.ready" => {
            answer(linker, name, |_, (_,): (Resource<Pollable>,)| Ok((true,)))
        }
        "[method]pollable.block" => answer(linker, name, |_, (_,): (Resource<Pollable>,)| Ok(())),
        "poll" => answer(linker, name, |_, (all,): (Vec<Resource<Pollable>>,)| {
            let indices: Vec<u32> = (0..).take(all.len()).collect();
            Ok((indices,))
        }),
        _ => Ok(false),
    }
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "a case of the type that never happens here")]
    Failed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

type Streamed<T> = Result<T, StreamError>;

fn streams(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    type Input = (Resource<InputStream>, u64);
    type Output = (Resource<OutputStream>,);
    type Content = (Resource<OutputStream>, Vec<u8>);
    match name {
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            answer(linker, name, |_, (_, _): Input| {
                Ok((Streamed::<Vec<u8>>::Err(StreamError::Closed),))
            })
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            answer(linker, name, |_, (_, _): Input| {
                Ok((Streamed::<u64>::Err(StreamError::Closed),))
            })
        }
        "[method]input-stream.subscribe" => {
            answer(linker, name, |_, (_,): (Resource<InputStream>,)| {
                Ok((the_only::<Pollable>(),))
            })
        }
        "[method]output-stream.check-write" => answer(linker, name, |_, (_,): Output| {
            Ok((Streamed::Ok(WRITE_BYTES),))
        }),
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => {
            answer(linker, name, |state, (handle, bytes): Content| {
                state.print(stream(&handle), &bytes)?;
                Ok((Streamed::Ok(()),))
            })
        }
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            answer(linker, name, |_, (_,): Output| Ok((Streamed::Ok(()),)))
        }
        "[method]output-stream.subscribe" => answer(linker, name, |_, (_,): Output| {
            Ok((the_only::<Pollable>(),))
        }),
        _ => Ok(false),
    }
}

fn random(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "get-random-bytes" | "get-insecure-random-bytes" => {
            answer(linker, name, |state, (count,): (u64,)| {
                if count > RANDOM_BYTES {
                    wasmtime::bail!("it asked for {count} random bytes at once");
                }
                let count = usize::try_from(count).expect("a mebibyte can be counted");
                Ok((state.wasi.random.bytes(count),))
            })
        }
        "get-random-u64" | "get-insecure-random-u64" => answer(linker, name, |state, (): ()| {
            Ok((state.wasi.random.number(),))
        }),
        "insecure-seed" => answer(linker, name, |state, (): ()| {
            let random = &mut state.wasi.random;
            Ok(((random.number(), random.number()),))
        }),
        _ => Ok(false),
    }
}

/// `wasi:sockets/network.error-code`; one of them is all that is ever said.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "the type has all cases")]
enum SocketError {
    #[component(name = "unknown")]
    Unknown,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "not-supported")]
    NotSupported,
    #[component(name = "invalid-argument")]
    InvalidArgument,
    #[component(name = "out-of-memory")]
    OutOfMemory,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "concurrency-conflict")]
    ConcurrencyConflict,
    #[component(name = "not-in-progress")]
    NotInProgress,
    #[component(name = "would-block")]
    WouldBlock,
    #[component(name = "invalid-state")]
    InvalidState,
    #[component(name = "new-socket-limit")]
    NewSocketLimit,
    #[component(name = "address-not-bindable")]
    AddressNotBindable,
    #[component(name = "address-in-use")]
    AddressInUse,
    #[component(name = "remote-unreachable")]
    RemoteUnreachable,
    #[component(name = "connection-refused")]
    ConnectionRefused,
    #[component(name = "connection-reset")]
    ConnectionReset,
    #[component(name = "connection-aborted")]
    ConnectionAborted,
    #[component(name = "datagram-too-large")]
    DatagramTooLarge,
    #[component(name = "name-unresolvable")]
    NameUnresolvable,
    #[component(name = "temporary-resolver-failure")]
    TemporaryResolverFailure,
    #[component(name = "permanent-resolver-failure")]
    PermanentResolverFailure,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "both are denied")]
enum AddressFamily {
    #[component(name = "ipv4")]
    V4,
    #[component(name = "ipv6")]
    V6,
}

fn sockets(linker: &mut Linking<'_>, name: &str) -> wasmtime::Result<bool> {
    const DENIED: SocketError = SocketError::AccessDenied;
    match name {
        "create-tcp-socket" => answer(linker, name, |_, (_,): (AddressFamily,)| {
            Ok((Err::<Resource<TcpSocket>, _>(DENIED),))
        }),
        "create-udp-socket" => answer(linker, name, |_, (_,): (AddressFamily,)| {
            Ok((Err::<Resource<UdpSocket>, _>(DENIED),))
        }),
        "resolve-addresses" => answer(linker, name, |_, (_, _): (Resource<Network>, String)| {
            Ok((Err::<Resource<ResolveAddressStream>, _>(DENIED),))
        }),
        _ => Ok(false),
    }
}
