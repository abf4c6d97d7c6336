#!/bin/bash
# One step of the installer: loads this node's firewall, with the files already
# in their places, and has it loaded at boot. The first time, it is taken away
# again after three minutes unless somebody who can still log in says that it
# may stay. May run any number of times. Rendered by ztgit.
set -euo pipefail

if [[ ${1:-} == undo ]]; then
	# All that is there, even if somebody took a part of it away already.
	for tool in iptables ip6tables; do
		"$tool" --wait --delete INPUT --jump ZTGIT-INPUT || true
		"$tool" --wait --delete FORWARD --jump ZTGIT-FORWARD || true
	done
	# Nor does the next boot close it again.
	systemctl disable --now ztgit-iptables.service
	exit
fi

if ! command -v iptables-restore >/dev/null; then
	apt-get update --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
		iptables
fi

systemctl daemon-reload
if ! iptables --wait --check INPUT --jump ZTGIT-INPUT 2>/dev/null; then
	systemd-run --quiet --collect --unit=ztgit-firewall-undo --on-active=180 \
		/bin/bash /usr/local/lib/ztgit/install.d/25-nftables.sh undo
	echo 'iptables: the firewall goes away again in three minutes. To keep it, log in'
	echo 'iptables: once more and run: systemctl stop ztgit-firewall-undo.timer'
fi
chmod 0600 /etc/ztgit/iptables.rules /etc/ztgit/ip6tables.rules
systemctl enable --now ztgit-iptables.service
systemctl reload ztgit-iptables.service
