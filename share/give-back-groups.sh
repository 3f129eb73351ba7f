#!/bin/sh
# Run by systemd when the daemon of a service has ended (ExecStopPost). Before version 254 systemd starts a service in a group that
# must have no controllers for the groups below it, and the workers of a daemon that was killed are still in them. Takes the
# controllers away, from below; the next daemon gives them back with the limits.
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
root=/sys/fs/cgroup${own%/.control}
[ "$own" != "$root" ] && [ -d "$root/plugins" ] || exit 0
for group in "$root"/plugins/*/ "$root/plugins" "$root"; do
  [ -e "$group/cgroup.subtree_control" ] || continue
  read -r controllers < "$group/cgroup.subtree_control" || continue
  for controller in $controllers; do echo "-$controller" > "$group/cgroup.subtree_control"; done
done
exit 0
