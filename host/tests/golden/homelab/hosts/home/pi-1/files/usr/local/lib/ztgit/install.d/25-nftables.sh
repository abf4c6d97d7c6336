#!/bin/bash
# One step of the installer: loads this node's firewall, with the files already
# in their places, and has it loaded at boot. The first time, it is taken away
# again after three minutes unless somebody who can still log in says that it
# may stay. May run any number of times. Rendered by ztgit.
set -euo pipefail

if [[ ${1:-} == undo ]]; then
	# The way in first; and the next boot does not close it again.
	nft delete table inet ztgit || true
	systemctl disable --now ztgit-nftables.service
	exit
fi

if ! command -v nft >/dev/null; then
	apt-get update --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
		nftables
fi

systemctl daemon-reload
if ! nft list table inet ztgit >/dev/null 2>&1; then
	systemd-run --quiet --collect --unit=ztgit-firewall-undo --on-active=180 \
		/bin/bash /usr/local/lib/ztgit/install.d/25-nftables.sh undo
	echo 'nftables: the firewall goes away again in three minutes. To keep it, log in'
	echo 'nftables: once more and run: systemctl stop ztgit-firewall-undo.timer'
fi
chmod 0600 /etc/ztgit/nftables.nft
systemctl enable --now ztgit-nftables.service
systemctl reload ztgit-nftables.service
