//! Makes a component of the module that the compiler built:
//! `cargo run --bin componentize MODULE COMPONENT`.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(component)) = (arguments.next(), arguments.next()) else {
        return Err("two arguments are needed: the module and the component".into());
    };
    let module = std::fs::read(module)?;
    let encoder = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module);
    let bytes = encoder.and_then(|mut encoder| encoder.encode());
    std::fs::write(component, bytes.map_err(|error| format!("{error:#}"))?)?;
    Ok(())
}

/// `cargo build` for WebAssembly without `--lib` comes here too.
#[cfg(target_arch = "wasm32")]
fn main() {}
