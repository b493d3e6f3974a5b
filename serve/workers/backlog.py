"""The queue of connections that no worker has accepted yet, when the service ends.

The kernel completes connections on its own and resets those that wait when the listening socket is closed. So first it
is told to complete no more (a filter on the socket drops what would begin one, as the other side repeats it and finds
the socket closed by then: refused, not reset), then the workers empty the queue, and then they are told to end.
"""

from __future__ import annotations

import contextlib
import ctypes
import select
import socket
import struct
from collections.abc import Iterable

SO_ATTACH_FILTER = 26
"""Linux's number, which Python's socket module does not name."""
INSTRUCTION_FORMAT = struct.Struct("=HBBI")
DROP_SYN_FILTER = b"".join(
    INSTRUCTION_FORMAT.pack(*instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of TCP
        (0x54, 0, 0, 0x12),  # of them SYN and ACK
        (0x15, 0, 1, 0x02),  # SYN alone?
        (0x06, 0, 0, 0),  # drop it
        (0x06, 0, 0, 0xFFFF_FFFF),  # let it pass
    )
)


def refuse_connections(listeners: Iterable[socket.socket]) -> None:
    """Let no further connection begin. Where the system has no such filters, they go on to."""
    filter_code = ctypes.create_string_buffer(DROP_SYN_FILTER, len(DROP_SYN_FILTER))
    program = struct.pack("@HP", len(DROP_SYN_FILTER) // INSTRUCTION_FORMAT.size, ctypes.addressof(filter_code))
    for listener in listeners:
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def has_waiting(listeners: Iterable[socket.socket]) -> bool:
    """Return whether a connection has not been accepted yet."""
    return bool(select.select(list(listeners), [], [], 0)[0])
