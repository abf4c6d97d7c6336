# A node (where this runs) and everybody around it, each in a network namespace:
# the world, somebody on its LAN, another node, a device on the VPN, a pod.
# Whoever includes this defines `load`, which puts the firewall in place, and goes
# on with it.
mount -t tmpfs none /run

neighbour() {
    local name=$1 interface=$2
    ip netns add "$name"
    ip link add "$interface" type veth peer name eth0 netns "$name"
    ip link set "$interface" up
    ip -n "$name" link set eth0 up
    ip -n "$name" link set lo up
    shift 2
    while (($#)); do
        local gateway=${1%/*} default=default options=()
        [[ $gateway != *:* ]] || default=::/0 options=(nodad)
        ip address add "$1" dev "$interface" "${options[@]}"
        ip -n "$name" address add "$2" dev eth0 "${options[@]}"
        ip -n "$name" route add "$default" via "$gateway"
        shift 2
    done
}

neighbour world eth1 203.0.113.10/24 203.0.113.99/24 2001:db8::10/64 2001:db8::99/64
neighbour lan eth0 192.168.1.10/24 192.168.1.99/24 fd00:1::10/64 fd00:1::99/64
neighbour node eth2 192.168.3.10/24 192.168.3.11/24 fd00:3::10/64 fd00:3::11/64
neighbour vpn wg0 10.100.0.1/24 10.100.0.2/24 fd00:100::1/64 fd00:100::2/64
neighbour pod lxc1 10.42.0.1/24 10.42.0.5/24 fd00:42::1/64 fd00:42::5/64
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

ports='22/tcp 80/tcp 6443/tcp 9999/tcp 10250/tcp 51820/udp'

# Runs something in a network namespace, or `here`.
within() {
    local name=$1
    shift
    if [[ $name == here ]]; then "$@"; else ip netns exec "$name" "$@"; fi
}

# Starts listeners in a network namespace and waits until they listen.
serve() {
    local name=$1 address=$2 log
    shift 2
    log=$(mktemp)
    within "$name" perl reach.pl serve "$address" "$@" >"$log" &
    until [[ -s $log ]]; do sleep 0.02; done
}

for address in 0.0.0.0 ::; do
    # shellcheck disable=SC2086
    serve here $address $ports
done
serve pod 10.42.0.5 8080/tcp
serve world 203.0.113.99 8080/tcp
serve vpn 10.100.0.2 8080/tcp

# What everybody reaches: ports of the node by both families, then each other.
probe() {
    local number=$1 name=$2 sender=$3 address=$4
    shift 4
    within "$sender" perl reach.pl probe "$name" "$address" "$@" >"probe.$number" &
    probes+=($!)
}

# shellcheck disable=SC2086
probe_everything() {
    probes=()
    probe 01 world world 203.0.113.10 $ports
    probe 02 world6 world 2001:db8::10 $ports
    probe 03 lan lan 192.168.1.10 $ports
    probe 04 lan6 lan fd00:1::10 $ports
    probe 05 node node 192.168.3.10 $ports
    probe 06 node6 node fd00:3::10 $ports
    probe 07 vpn vpn 10.100.0.1 $ports
    probe 08 vpn6 vpn fd00:100::1 $ports
    probe 09 pod pod 10.42.0.1 $ports
    probe 10 pod6 pod fd00:42::1 $ports
    probe 11 vpn-to-pod vpn 10.42.0.5 8080/tcp
    probe 12 world-to-pod world 10.42.0.5 8080/tcp
    probe 13 pod-to-world pod 203.0.113.99 8080/tcp
    probe 14 pod-to-vpn pod 10.100.0.2 8080/tcp
    probe 15 lan-to-world lan 203.0.113.99 8080/tcp
    probe 16 self here 127.0.0.1 $ports
    wait "${probes[@]}"
    cat probe.*
}

# Without a firewall everything is reached: what is not, later on, is refused.
probe_everything >open
if [[ $(grep -c "$ports\$" open) != 11 || $(grep -c ' 8080/tcp$' open) != 5 ]]; then
    cat open >&2
    exit 1
fi
