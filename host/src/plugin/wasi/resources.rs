//! The resources of WASI. None has a state of its own, so a handle's number
//! says all there is.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::Stream;
use crate::plugin::call::State;

/// Something to read from; always at its end.
pub(super) struct InputStream;
/// Standard output or error.
pub(super) struct OutputStream;
/// Something to wait for; always there.
pub(super) struct Pollable;
/// The network, which nothing can be reached through.
pub(super) struct Network;

/// What no guest ever gets a handle of.
pub(super) struct Descriptor;
pub(super) struct DirectoryEntryStream;
pub(super) struct IncomingDatagramStream;
pub(super) struct IoError;
pub(super) struct OutgoingDatagramStream;
pub(super) struct ResolveAddressStream;
pub(super) struct TcpSocket;
pub(super) struct TerminalInput;
pub(super) struct TerminalOutput;
pub(super) struct UdpSocket;

/// Defines a resource under its name, which is the same in whichever interface
/// it is used.
pub(super) fn define(linker: &mut LinkerInstance<'_, State>, name: &str) -> wasmtime::Result<()> {
    let resource = match name {
        "descriptor" => ResourceType::host::<Descriptor>(),
        "directory-entry-stream" => ResourceType::host::<DirectoryEntryStream>(),
        "error" => ResourceType::host::<IoError>(),
        "incoming-datagram-stream" => ResourceType::host::<IncomingDatagramStream>(),
        "input-stream" => ResourceType::host::<InputStream>(),
        "network" => ResourceType::host::<Network>(),
        "outgoing-datagram-stream" => ResourceType::host::<OutgoingDatagramStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "pollable" => ResourceType::host::<Pollable>(),
        "resolve-address-stream" => ResourceType::host::<ResolveAddressStream>(),
        "tcp-socket" => ResourceType::host::<TcpSocket>(),
        "terminal-input" => ResourceType::host::<TerminalInput>(),
        "terminal-output" => ResourceType::host::<TerminalOutput>(),
        "udp-socket" => ResourceType::host::<UdpSocket>(),
        _ => wasmtime::bail!("WASI 0.2 has no resource `{name}`"),
    };
    linker.resource(name, resource, |_, _| Ok(()))
}

/// A handle of something there is only one of.
pub(super) fn the_only<T: 'static>() -> Resource<T> {
    Resource::new_own(0)
}

pub(super) fn output(stream: Stream) -> Resource<OutputStream> {
    Resource::new_own(match stream {
        Stream::Output => 1,
        Stream::Error => 2,
    })
}

pub(super) fn stream(handle: &Resource<OutputStream>) -> Stream {
    match handle.rep() {
        1 => Stream::Output,
        _ => Stream::Error,
    }
}
