# machine.sh DEBIAN DIRECTORY NAME ADDRESS WIRE PROGRAM...
#
# Becomes the first process of a machine, in namespaces of its own: a Debian over
# which DIRECTORY/upper lies, on the wire of the network namespace that process
# WIRE holds. Prints its number, as seen from outside, when all is there.
set -euo pipefail
debian=$1 directory=$2 name=$3 address=$4 wire=$5
shift 5

# Still the /proc of outside.
read -r number _ </proc/self/stat

mount --make-rprivate /
root=$directory/root
mkdir "$directory/work" "$root"
mount -t overlay -o "lowerdir=$debian,upperdir=$directory/upper,workdir=$directory/work" none "$root"
mount -t proc none "$root/proc"
mount -t sysfs -o ro none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/run"
mkdir "$root/run/sshd"
mount -t tmpfs -o mode=755 none "$root/dev"
for device in full null random tty urandom zero; do
	mknod -m 666 "$root/dev/$device" c "$(stat -c 0x%t "/dev/$device")" "$(stat -c 0x%T "/dev/$device")"
done
mkdir "$root/dev/net" "$root/dev/pts"
mknod -m 666 "$root/dev/net/tun" c 10 200
mount -t devpts -o newinstance,ptmxmode=666 none "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"

nsenter --net="/proc/$wire/ns/net" ip link add "$name" type veth peer name eth0 netns $$
nsenter --net="/proc/$wire/ns/net" ip link set "$name" master wire up
ip link set lo up
ip address add "$address/24" dev eth0
ip link set eth0 up
hostname "$name"
echo "$name" >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$root/etc/hosts"

cd "$root"
mkdir -p outside
pivot_root . outside
umount --lazy /outside
echo "$number"
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null >/dev/null 2>&1
