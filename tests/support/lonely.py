"""Serves a bento where there is no network and prints its answer to what comes in: lonely.py BENTO FOLDER."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

bento, folder = sys.argv[1], Path(sys.argv[2])
# The machine's own address has to be switched on: SIOCSIFFLAGS, IFF_UP | IFF_RUNNING.
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
environment = os.environ | {"BENTOML_HOME": str(folder / "bentoml"), "SERVE_LOGS": str(folder / "logs")}
(folder / "bentoml").mkdir()
with (folder / "server.txt").open("wb") as said:
    server = subprocess.Popen(
        [sys.executable, "-m", "bentoml", "serve", bento], env=environment, stdout=said, stderr=said
    )
end = time.monotonic() + 90
try:
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", 3000, timeout=20)
        try:
            connection.request("GET", "/readyz")
            ready = connection.getresponse()
            ready.read()
            if ready.status == 200:
                break
        except OSError:
            pass
        if server.poll() is not None or time.monotonic() > end:
            sys.exit((folder / "server.txt").read_text())
        time.sleep(0.1)
    connection.request("POST", "/predict", sys.stdin.buffer.read(), {"content-type": "application/json"})
    print(connection.getresponse().read().decode())
finally:
    server.send_signal(signal.SIGTERM)
    server.wait(30)
