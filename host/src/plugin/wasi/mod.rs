//! WASI 0.2 for guests whose language cannot do without it.
//!
//! A component and the stack's consent come in; a linker comes out on which
//! every function of WASI that it imports is defined. Those that a language's
//! runtime calls on its own answer the same on every machine and in every call:
//! no environment, arguments, directories or input, clocks that stand at zero,
//! timers that have passed, one fixed sequence of random numbers, and sockets
//! and names that are denied. All others act on something that nobody can have
//! got, an open file or a socket, and end the call.
//!
//! Nothing here reads a clock, a file, a socket or the environment, so there is
//! nothing that would have to be switched off: that, and not the fifty crates
//! that come with it, is why this is not `wasmtime-wasi`.

mod answers;
mod console;
mod random;
mod resources;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance};

use super::call::State;
use console::Console;
use random::Sequence;

pub(super) use console::Stream;

/// Whether a plugin may import WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wasi {
    /// It may not: `ztgit:plugin/log` is its only import.
    Refused,
    /// It may, and gets the same answers on every machine.
    Frozen,
}

/// What a call remembers of the guest's use of WASI.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) console: Console,
    random: Sequence,
}

/// The interfaces that may be imported. `wasi:http` is not among them: nothing
/// starts up with a request.
const INTERFACES: [&str; 27] = [
    "cli/environment",
    "cli/exit",
    "cli/stderr",
    "cli/stdin",
    "cli/stdout",
    "cli/terminal-input",
    "cli/terminal-output",
    "cli/terminal-stderr",
    "cli/terminal-stdin",
    "cli/terminal-stdout",
    "clocks/monotonic-clock",
    "clocks/wall-clock",
    "filesystem/preopens",
    "filesystem/types",
    "io/error",
    "io/poll",
    "io/streams",
    "random/insecure",
    "random/insecure-seed",
    "random/random",
    "sockets/instance-network",
    "sockets/ip-name-lookup",
    "sockets/network",
    "sockets/tcp",
    "sockets/tcp-create-socket",
    "sockets/udp",
    "sockets/udp-create-socket",
];

/// The interface that an import names, without `wasi:` and version, if it is
/// one of WASI 0.2 that a plugin may have.
pub(super) fn interface(import: &str) -> Option<&str> {
    let (name, version) = import.strip_prefix("wasi:")?.split_once('@')?;
    (version.starts_with("0.2.") && INTERFACES.contains(&name)).then_some(name)
}

/// Defines what a component imports of WASI, under the names that it uses:
/// every patch version is the same here.
pub(super) fn define(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    for (import, item) in component.component_type().imports(engine) {
        let Some(interface) = interface(import) else {
            continue;
        };
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            wasmtime::bail!("`{import}` is not an interface");
        };
        let mut defined = linker.instance(import)?;
        for (name, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::Resource(_) => resources::define(&mut defined, name)?,
                ComponentItem::ComponentFunc(_) => define_function(&mut defined, interface, name)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// A function that answers, or one that no guest has reason to call here.
fn define_function(
    linker: &mut LinkerInstance<'_, State>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<()> {
    if answers::define(linker, interface, name)? {
        return Ok(());
    }
    let function = format!("wasi:{interface}#{name}");
    linker.func_new(name, move |_, _, _, _| {
        wasmtime::bail!("a plugin has nothing that `{function}` could act on")
    })
}

#[cfg(test)]
mod tests {
    use super::interface;

    #[test]
    fn every_patch_version_of_an_interface_is_known() {
        assert_eq!(interface("wasi:io/poll@0.2.0"), Some("io/poll"));
        assert_eq!(interface("wasi:io/poll@0.2.12"), Some("io/poll"));
    }

    #[test]
    fn other_versions_and_packages_are_not() {
        for import in [
            "wasi:io/poll@0.3.0",
            "wasi:io/poll",
            "wasi:http/types@0.2.0",
            "evil:io/poll@0.2.0",
        ] {
            assert_eq!(interface(import), None, "{import}");
        }
    }
}
