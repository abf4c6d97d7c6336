#!/bin/bash
# One step of the installer: brings this node's WireGuard interfaces up, with
# the files already in their places. Keys are made where there are none, stay
# where there are some, and are never printed. May run any number of times.
# Rendered by ztgit.
set -euo pipefail
shopt -s nullglob

if ! command -v wg-quick >/dev/null; then
	apt-get update --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
		wireguard-tools
fi

forwarding=/etc/sysctl.d/60-ztgit-wireguard.conf
if [[ -e $forwarding ]]; then
	sysctl --quiet --load "$forwarding"
fi

systemctl daemon-reload
for settings in /etc/systemd/system/wg-quick@*.service.d/ztgit.conf; do
	unit=${settings%.d/ztgit.conf}
	unit=${unit##*/}
	interface=${unit#wg-quick@}
	interface=${interface%.service}
	chmod 0600 "/etc/wireguard/$interface.conf"
	public=$(/usr/local/lib/ztgit/wg-key "$interface")
	systemctl enable --now "$unit"
	systemctl reload "$unit"
	echo "wireguard: $interface is up; its public key, for the stack, is $public"
done
