# Becomes the daemon (argv[2:]) with an open socket to systemd as its file MFSERV_NOTIFY_FD, and with the log argv[1] as its
# output. Node has no datagram sockets of this kind, but it can write into one that is open: to tell systemd something is one
# system call then. See docs/decisions/0027-a-service-of-systemd.md.
import os
import socket
import stat
import sys

address = os.environ.pop("NOTIFY_SOCKET")
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
# A systemd that does not read must not stop the daemon.
notify.setblocking(False)
notify.connect("\0" + address[1:] if address.startswith("@") else address)
notify.set_inheritable(True)
os.environ["MFSERV_NOTIFY_FD"] = str(notify.fileno())

flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
log = os.open(sys.argv[1], flags, 0o600)
if stat.S_ISREG(os.fstat(log).st_mode):
    os.dup2(log, 1)
    os.dup2(log, 2)
os.execv(sys.argv[2], sys.argv[2:])
