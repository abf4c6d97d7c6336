//! A tunnel that is really up: what it takes, and a place of its own for it.

/// The programs that bring it up and read it back.
pub(crate) const TOOLS: [&str; 6] = [
    "wg",
    "wg-quick",
    "wireguard-go",
    "ip",
    "awk",
    "/dev/net/tun",
];

/// `/etc/wireguard` and the sockets of wireguard-go are this script's own.
pub(crate) const PRIVATE_DIRECTORIES: &str = "
    export WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go
    mkdir -p /etc/wireguard /run/wireguard
    mount -t tmpfs none /etc/wireguard
    mount -t tmpfs none /run/wireguard
    chmod 0700 /etc/wireguard
";

/// Public keys.
pub(crate) const LAPTOP: &str = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
pub(crate) const OTHER: &str = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";
pub(crate) const HUB: &str = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=";
