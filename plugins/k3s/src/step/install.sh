readonly releases=https://github.com/k3s-io/k3s/releases/download
# What k3s was last started with.
readonly started_with=/var/lib/ztgit/k3s.sha256sum

main() {
    [[ $EUID -eq 0 ]] || fail "run this as root"
    check_memory_accounting
    check_join_token
    install_program
    link_commands
    start
}

fail() {
    printf '30-k3s: %s\n' "$1" >&2
    exit 1
}

# Raspberry Pi OS turns it off, and k3s then ends with a message that is hard to
# find.
check_memory_accounting() {
    local controllers=/sys/fs/cgroup/cgroup.controllers
    if [[ -r $controllers ]] && ! grep -qw memory "$controllers"; then
        fail "the kernel does not account for memory: add cgroup_memory=1 cgroup_enable=memory to its command line"
    fi
}

check_join_token() {
    [[ -n $join_token ]] || return 0
    [[ -s $join_token ]] ||
        fail "$join_token is missing or empty: put the token there with which this node joins, mode 0600"
    chown 0:0 "$join_token"
    chmod 600 "$join_token"
}

install_program() {
    local architecture digest
    architecture=$(dpkg --print-architecture)
    digest=${digests[$architecture]-}
    [[ -n $digest ]] || fail "the stack pins no k3s for $architecture"
    ! is_pinned "$program" "$digest" || return 0
    download "${programs[$architecture]}" "$digest"
}

is_pinned() {
    printf '%s  %s\n' "$2" "$1" | sha256sum --check --status 2> /dev/null
}

# Nothing is executed, nor has its final name, before its digest is right. Beside
# its place, so that it gets there whole or not at all.
download() (
    type -P curl > /dev/null || install_curl
    umask 022
    mkdir -p "${program%/*}"
    new=$(mktemp "$program.XXXXXX")
    trap 'rm -f -- "$new"' EXIT
    curl --proto '=https' --proto-redir '=https' --fail --silent --show-error --location \
        --retry 3 --output "$new" "$releases/${version/+/%2B}/$1"
    is_pinned "$new" "$2" || fail "$1 of $version is not what the stack pins, so it is thrown away"
    chmod 755 "$new"
    mv -f -- "$new" "$program"
)

install_curl() {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ca-certificates curl
}

# k3s is these programs as well, under their names. Others of the name stay.
link_commands() {
    local name
    for name in kubectl crictl ctr; do
        type -P "$name" > /dev/null || ln -s "${program##*/}" "${program%/*}/$name"
    done
}

# Restarting k3s leaves pods alone, but its API is away for a moment: so only
# where something has changed.
start() {
    systemctl daemon-reload
    systemctl enable "$unit"
    if systemctl is-active --quiet "$unit" && sha256sum --check --status "$started_with" 2> /dev/null; then
        return
    fi
    systemctl restart "$unit"
    mkdir -p "${started_with%/*}"
    sha256sum "$program" "${configuration[@]}" > "$started_with"
}

main
