# debian.sh ROOT
#
# Makes a Debian 12 as its installer leaves it, and fetches, without installing
# them, the packages that the page and the steps on the node install.
set -euo pipefail
root=$1

rm -rf --one-file-system "$root" "$root.new"
# wireguard-go is for kernels that have no WireGuard: wg-quick falls back to it.
debootstrap --variant=minbase \
	--include=dbus,iproute2,iputils-ping,kmod,openssh-server,procps,sudo,systemd-sysv,wireguard-go \
	bookworm "$root.new"
cp /etc/resolv.conf "$root.new/etc/resolv.conf"
fetch() {
	chroot "$root.new" apt-get --quiet --yes --download-only install "$@"
}
chroot "$root.new" apt-get --quiet update
fetch --no-install-recommends ca-certificates curl git nftables prometheus-node-exporter wireguard-tools
fetch crowdsec crowdsec-firewall-bouncer
# Later there is no network, and `apt-get update` keeps the lists of today.
echo 'Acquire::Retries "0";' >"$root.new/etc/apt/apt.conf.d/offline"
mv "$root.new" "$root"
