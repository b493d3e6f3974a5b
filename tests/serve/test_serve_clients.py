"""What clients send by default, byte by byte and in the pieces in which they send it, against the real server.

Recorded from curl 7.88, Java 17's HttpClient, Node 20, and Python's libraries; those of .NET, Go and a browser are
written down from their documentation.
"""

from __future__ import annotations

import json
import socket
import time

import pytest
from server import Server

BODY = b'{"rows": []}'
POST = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"
KIND = b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: 12\r\n"
CURL = b"User-Agent: curl/7.88.1\r\nAccept: */*\r\n"
CHUNKED = b"c\r\n" + BODY + b"\r\n0\r\n\r\n"
CLIENTS = {
    "curl": [POST + CURL + KIND + LENGTH + b"\r\n" + BODY],
    "curl --http2": [
        POST + CURL + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n" + KIND + LENGTH + b"\r\n" + BODY
    ],
    "curl, a long body": [POST + CURL + KIND + b"Expect: 100-continue\r\n" + LENGTH + b"\r\n", BODY],
    "curl --http1.0": [POST.replace(b"1.1", b"1.0") + CURL + KIND + LENGTH + b"\r\n" + BODY],
    "curl, chunked": [POST + CURL + KIND + b"transfer-encoding: chunked\r\n\r\n" + CHUNKED],
    "Java": [
        b"POST /predict HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 12\r\nHost: 127.0.0.1:80\r\n"
        b"HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\nUpgrade: h2c\r\n"
        b"User-Agent: Java-http-client/17.0.15\r\n" + KIND + b"\r\n",
        BODY,
    ],
    "Node, fetch": [
        b"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:80\r\nconnection: keep-alive\r\ncontent-type: application/json\r\n"
        b"accept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\n"
        b"accept-encoding: gzip, deflate\r\ncontent-length: 12\r\n\r\n" + BODY
    ],
    "Node, http": [
        b"POST /predict HTTP/1.1\r\ncontent-type: application/json\r\nHost: 127.0.0.1:80\r\nConnection: keep-alive\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED
    ],
    "Python, requests": [
        POST + b"User-Agent: python-requests/2.34.2\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n"
        b"Connection: keep-alive\r\n" + LENGTH + KIND + b"\r\n",
        BODY,
    ],
    "Python, urllib3": [
        POST + b"Accept-Encoding: identity\r\n" + LENGTH + b"User-Agent: python-urllib3/2.8.0\r\n" + KIND + b"\r\n",
        BODY,
    ],
    "Python, http.client": [POST + b"Accept-Encoding: identity\r\n" + LENGTH + KIND + b"\r\n", BODY],
    "Python, urllib": [
        b"POST /predict HTTP/1.1\r\nAccept-Encoding: identity\r\nContent-Length: 12\r\nHost: 127.0.0.1:80\r\n"
        b"User-Agent: Python-urllib/3.11\r\n" + KIND + b"Connection: close\r\n\r\n",
        BODY,
    ],
    "Python, httpx": [
        POST + b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
        b"User-Agent: python-httpx/0.28.1\r\n" + LENGTH + KIND + b"\r\n",
        BODY,
    ],
    "Python, aiohttp": [
        POST + b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: Python/3.11 aiohttp/3.14.5\r\n"
        + LENGTH + KIND + b"\r\n" + BODY
    ],
    "Go": [POST + b"User-Agent: Go-http-client/1.1\r\n" + LENGTH + KIND + b"Accept-Encoding: gzip\r\n\r\n" + BODY],
    ".NET, PostAsJsonAsync": [
        POST + b"Transfer-Encoding: chunked\r\nContent-Type: application/json; charset=utf-8\r\n\r\n",
        CHUNKED[:-5],
        CHUNKED[-5:],
    ],
    ".NET Framework": [
        b"POST /predict HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nHost: 127.0.0.1:80\r\n"
        b"Content-Length: 12\r\nExpect: 100-continue\r\nConnection: Keep-Alive\r\n\r\n",
        BODY,
    ],
    "a browser, fetch": [
        POST + b"Connection: keep-alive\r\n" + LENGTH + b'sec-ch-ua: "Chromium";v="140"\r\nsec-ch-ua-mobile: ?0\r\n'
        b"User-Agent: Mozilla/5.0\r\n" + KIND + b"Accept: */*\r\nOrigin: http://127.0.0.1:80\r\n"
        b"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
        b"Referer: http://127.0.0.1:80/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        b"Accept-Language: en-US,en;q=0.9\r\n\r\n" + BODY
    ],
}  # fmt: skip


GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of the next answer."""
    said = b""
    while b"\r\n\r\n" not in said:
        received = connection.recv(65536)
        assert received, said
        said += received
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


@pytest.mark.parametrize("pieces", CLIENTS.values(), ids=CLIENTS)
def test_each_client_is_answered_and_may_ask_again(server: Server, pieces: list[bytes]) -> None:
    last = b"1.0\r\n" in pieces[0] or b"Connection: close" in pieces[0]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(1 if last else 2):
            for piece in pieces[:-1]:
                connection.sendall(piece)
                time.sleep(0.02)
                if b"Expect" in piece:
                    assert connection.recv(1000) == GO_ON
            connection.sendall(pieces[-1])
            head, body = answer(connection)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n"), head
            assert json.loads(body)["predictions"] == []
            assert (b"connection: close" in head) is last
        if last:
            assert connection.recv(1) == b""


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c", b"TLS/1.0, other"])
def test_another_protocol_is_declined_by_going_on(server: Server, upgrade: bytes) -> None:
    # given a caller who offers another protocol, and asks a second time in the same piece
    head = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: %s\r\n\r\n" % upgrade
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head + head)
        said = b""
        while said.count(b"HTTP/1.1 200 OK") < 2:
            received = connection.recv(65536)
            assert received, said
            said += received
    assert b"upgrade" not in said.lower()
