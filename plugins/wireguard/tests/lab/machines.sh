# Machines on one wire, each with network, /etc/wireguard and /run of its own.
# Their units are played here: what systemd would run, in its order.
export WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go
mount -t proc none /proc
mkdir -p /etc/wireguard
mount -t tmpfs none /run
ip link add wire type bridge
ip link set wire up
declare -A machines=()

# machine NAME ADDRESS [ADDRESS-OF-A-NETWORK-BEHIND]
machine() {
    local name=$1
    unshare --net --mount sleep infinity &
    machines[$name]=$!
    until [[ $(readlink "/proc/$!/ns/net") != "$(readlink /proc/$$/ns/net)" ]]; do sleep 0.02; done
    ip link add "to-$name" type veth peer name eth0 netns "$!"
    ip link set "to-$name" master wire up
    on "$name" mount -t tmpfs none /run
    on "$name" mount -t tmpfs none /etc/wireguard
    on "$name" chmod 0700 /etc/wireguard
    on "$name" ip address add "$2/24" dev eth0
    on "$name" ip link set eth0 up
    on "$name" ip link set lo up
    if [[ -n ${3:-} ]]; then
        on "$name" ip link add lan type bridge
        on "$name" ip address add "$3" dev lan
        on "$name" ip link set lan up
    fi
}

# on NAME COMMAND...
on() {
    local process=${machines[$1]}
    shift
    nsenter --target "$process" --net --mount --wd="$PWD" "$@"
}

# put RENDERING NODE INTERFACE...: these files and no others.
put() {
    local rendering=$1 node=$2 interface
    shift 2
    for interface; do
        on "$node" install -m 0600 "$node:$interface.key" "/etc/wireguard/$interface.key"
        on "$node" install -m 0600 "$rendering:$node:$interface.conf" "/etc/wireguard/$interface.conf"
    done
}

# device RENDERING NAME TUNNEL: the file with the private key in it.
device() {
    local key
    key=$(<"$2:device.key")
    awk -v key="$key" '{ print } /^\[Interface\]/ { print "PrivateKey = " key }' \
        "$1:$2:$3.conf" >"$2:$3.complete"
    on "$2" install -m 0600 "$2:$3.complete" "/etc/wireguard/$3.conf"
}

start() {
    if ! on "$1" test -e "/etc/wireguard/$2.key"; then
        on "$1" wg-quick up "$2" >&2
        return
    fi
    on "$1" bash wg-key "$2" >&2
    on "$1" wg-quick up "$2" >&2
    on "$1" bash wg-sync "$2" >&2
}

reload() {
    on "$1" bash wg-sync "$2" >&2
}

stop() {
    on "$1" wg-quick down "$2" >&2
}

# keep_pinging NAME OPTION... ADDRESS, until stop_pinging says how many were answered.
keep_pinging() {
    local process=${machines[$1]}
    shift
    nsenter --target "$process" --net --mount ping -i 0.2 "$@" >pinged &
    pinging=$!
    sleep 0.5
}

stop_pinging() {
    kill -INT "$pinging"
    wait "$pinging" || true
    # The last one may have been on its way: it is none that was lost.
    awk -F 'icmp_seq=' '
        /bytes from/ { split($2, number, " "); if (number[1] != ++answered) gaps++ }
        /packets transmitted/ { sent = $1 + 0 }
        END { print (sent - answered <= 1 && !gaps ? "nothing lost:" : "LOST:"), answered, "of", sent }
    ' pinged
}
