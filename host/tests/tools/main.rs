//! Everything that the maintained stacks render, in the hands of the programs
//! that read it on a node, on a client or in a cluster.
//!
//! The plugins' own tests do this with what one plugin renders from chosen
//! settings; here it is the whole of `stacks/`, as `ztgit render` writes it.
//! Where a program is not installed, its tests say so and show nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crowdsec;
mod helm;
mod kustomize;
mod nft;
mod rendered;
mod scripts;
mod systemd;
mod wireguard;
