# debian.sh ROOT
#
# Makes a Debian 12 as its installer leaves it, and fetches, without installing
# them, the packages that the page installs.
set -euo pipefail
root=$1
packages="ca-certificates crowdsec crowdsec-firewall-bouncer curl git nftables prometheus-node-exporter
	wireguard-tools"

rm -rf --one-file-system "$root" "$root.new"
# wireguard-go is for kernels that have no WireGuard: wg-quick falls back to it.
debootstrap --variant=minbase \
	--include=dbus,iproute2,iputils-ping,kmod,openssh-server,procps,sudo,systemd,wireguard-go \
	bookworm "$root.new"
cp /etc/resolv.conf "$root.new/etc/resolv.conf"
chroot "$root.new" apt-get --quiet update
# shellcheck disable=SC2086
chroot "$root.new" apt-get --quiet --yes --download-only install $packages
mv "$root.new" "$root"
