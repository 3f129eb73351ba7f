# Stands in for systemd: prints who has told it what, as JSON, a line each.
import json
import socket
import struct
import sys

asked = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
asked.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
asked.bind(sys.argv[1])
print(json.dumps({"pid": 0, "text": "BOUND=1"}), flush=True)
while True:
    text, ancillary, _, _ = asked.recvmsg(4096, socket.CMSG_SPACE(12))
    pid, _, _ = struct.unpack("iii", ancillary[0][2])
    print(json.dumps({"pid": pid, "text": text.decode()}), flush=True)
