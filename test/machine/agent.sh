#!/bin/sh
# Runs on the machine that is tested: takes commands from the host over a serial port and sends back what they print.
#   host to agent   RUN NUMBER USER SCRIPT        SCRIPT is base64
#   agent to host   READY BOOT                    once after each boot; BOOT is the id of that boot
#                   OUT NUMBER TEXT               one line of output
#                   END NUMBER CODE
# The user is logged in for each script, as a person would be. What a script leaves in the background goes on.
port=/dev/virtio-ports/mfserv.machine
while [ ! -e "$port" ]; do sleep 0.2; done
exec 3<>"$port"
echo "READY $(cat /proc/sys/kernel/random/boot_id)" >&3
while read -r word number user script <&3; do
  [ "$word" = RUN ] || continue
  directory=$(mktemp -d /run/machine.XXXXXX)
  chmod 755 "$directory"
  printf '%s' "$script" | base64 -d >"$directory/script"
  mkfifo "$directory/out"
  sed -u "s/^/OUT $number /" <"$directory/out" >&3 &
  reader=$!
  # The end of the script counts, not that of its output: what it left in the background may hold that for ever.
  runuser --login "$user" --command "sh $directory/script" >"$directory/out" 2>&1 </dev/null 3<&-
  code=$?
  for _ in 1 2 3 4 5; do kill -0 "$reader" 2>/dev/null || break; sleep 0.2; done
  kill "$reader" 2>/dev/null
  echo "END $number $code" >&3
  rm -rf "$directory"
done
