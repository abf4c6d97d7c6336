//! How a plugin becomes a component.

/// Makes a [`Plugin`] the component's export. Call it once, in the crate that
/// is built for `wasm32-unknown-unknown`.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Guest;
            impl $crate::guest::bindings::exports::ztgit::plugin::plugin::Guest for Guest {
                fn describe()
                -> $crate::guest::bindings::exports::ztgit::plugin::plugin::Description {
                    $crate::guest::describe::<$plugin>()
                }
                fn facts(
                    cluster: String,
                    config: String,
                ) -> $crate::guest::bindings::exports::ztgit::plugin::plugin::Statement {
                    $crate::guest::facts::<$plugin>(&cluster, &config)
                }
                fn render(
                    cluster: String,
                    config: String,
                    facts: Vec<$crate::guest::bindings::exports::ztgit::plugin::plugin::StatedFact>,
                ) -> $crate::guest::bindings::exports::ztgit::plugin::plugin::Rendering {
                    $crate::guest::render::<$plugin>(&cluster, &config, facts)
                }
            }
            $crate::guest::bindings::export_renderer!(Guest with_types_in $crate::guest::bindings);
        };
    };
}
