# The commands of daily work; `just check` is what CI runs first.

# Formatting, lints and the fast tests
check: format lint test

format:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets -- -D warnings

test:
    cargo test --workspace

# Everything that CI does, the slower suites with it
ci:
    .ci/run

# Read the golden trees and snapshots anew; look at the diff before you commit
golden:
    UPDATE_GOLDEN=1 INSTA_UPDATE=always cargo test --workspace --test cli

# Run every plugin and registry that means harm, and write what that costs to docs/hostile-plugins.md
hostile-plugins:
    UPDATE_TABLE=1 cargo test --workspace --test hostile_plugins -- --ignored --exact costs::costs --nocapture
    UPDATE_TABLE=1 cargo test --workspace --test registries -- --ignored --exact costs::costs --nocapture
    UPDATE_TABLE=1 cargo test --workspace --test cli -- --ignored --exact costs::costs --nocapture

# Build guests of every language with its own toolchain, and write what they cost to docs/plugin-figures.md
plugin-figures:
    UPDATE_TABLE=1 cargo test --workspace --test languages -- --ignored --exact figures::figures --nocapture

# Render and commit a fleet, beside `git add -A && git commit` of the same files
bench-fleet clusters="1000":
    cargo build --release
    cargo xtask bench-fleet --clusters {{clusters}}

# Kill and fail a render at its system calls, and write what came of it to docs/reliability.md
reliability:
    UPDATE_TABLE=1 cargo test --workspace --test cli -- --ignored --nocapture crashes

# The stages of a render one by one, each as a ratio to something of the same run
bench:
    cargo bench --workspace --bench stages --bench emit --bench check_objects --bench commit

# Regenerate the upstream data that is embedded
vendor:
    scripts/vendor/update
