"""Real servers that hold what DVC keeps: one that speaks S3, one that speaks SSH, and a plain folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import boto3
import machine

from stages.serve.server_process import free_port

BUCKET = "team"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


class Store(Protocol):
    """A remote, and what a test does to the objects in it behind everybody's back."""

    url: str
    settings: str
    environment: dict[str, str]

    def read(self, md5: str) -> bytes | None: ...
    def write(self, md5: str, content: bytes | None) -> None: ...


class Folder:
    """Objects as files; those of a server that keeps them as files, too."""

    def __init__(self, folder: Path, url: str = "", settings: str = "") -> None:
        self.folder, self.url, self.settings = folder, url or str(folder), settings
        self.environment: dict[str, str] = {}

    def read(self, md5: str) -> bytes | None:
        path = self._find(md5)
        return path.read_bytes() if path.exists() else None

    def write(self, md5: str, content: bytes | None) -> None:
        path = self._find(md5)
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)

    def _find(self, md5: str) -> Path:
        return self.folder / "files/md5" / md5[:2] / md5[2:]


class Bucket:
    """Objects on a server that speaks S3."""

    def __init__(self, port: int) -> None:
        self.url, self.settings = f"s3://{BUCKET}/flights", f"endpointurl=http://127.0.0.1:{port}"
        self.environment = dict(KEYS)
        self._client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id="test",
                                    aws_secret_access_key="secret", region_name="us-east-1")  # fmt: skip

    def create(self) -> None:
        self._client.create_bucket(Bucket=BUCKET)

    def read(self, md5: str) -> bytes | None:
        try:
            return bytes(self._client.get_object(Bucket=BUCKET, Key=self._key(md5))["Body"].read())
        except self._client.exceptions.NoSuchKey:
            return None

    def write(self, md5: str, content: bytes | None) -> None:
        if content is None:
            self._client.delete_object(Bucket=BUCKET, Key=self._key(md5))
        else:
            self._client.put_object(Bucket=BUCKET, Key=self._key(md5), Body=content)

    def _key(self, md5: str) -> str:
        return f"flights/files/md5/{md5[:2]}/{md5[2:]}"


@contextmanager
def serve_s3(folder: Path) -> Iterator[Bucket]:
    """A server of S3 with an empty bucket while the block runs."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, port, folder / "s3.log"):
        bucket = Bucket(port)
        bucket.create()
        yield bucket


@contextmanager
def serve_ssh(folder: Path) -> Iterator[Folder]:
    """Debian's SSH server with a key of its own while the block runs; it keeps what it is given in the folder."""
    for name in ("host", "mine"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "mine.pub", folder / "authorized")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it locks itself up
    port = free_port()
    options = {
        "ListenAddress": "127.0.0.1", "HostKey": folder / "host", "AuthorizedKeysFile": folder / "authorized",
        "StrictModes": "no", "UsePAM": "no", "PidFile": "none", "PasswordAuthentication": "no",
        "Subsystem": "sftp internal-sftp",
    }  # fmt: skip
    command = [str(machine.found("sshd")), "-D", "-e", "-f", os.devnull, "-p", str(port)]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    with running(command, port, folder / "ssh.log"):
        kept = folder / "kept"
        yield Folder(
            kept, f"ssh://127.0.0.1:{port}{kept}", f"keyfile={folder / 'mine'} user={os.environ.get('USER', 'root')}"
        )


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """The server while the block runs, once it listens."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            end = time.monotonic() + 30
            while server.poll() is None and time.monotonic() < end and not listens(port):
                time.sleep(0.05)
            assert listens(port), log.read_text(errors="replace")
            yield
        finally:
            server.terminate()
            server.wait(20)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Cut:
    """A way to a server that ends, for good, after so many bytes were sent along it."""

    def __init__(self, port: int, most: int) -> None:
        self._to, self._left = port, most
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._left > 0:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while content := source.recv(65536):
                if counted:
                    self._left -= len(content)
                    if self._left <= 0:
                        self._listener.close()
                        break
                target.sendall(content)
        except OSError:
            pass
        finally:
            for end in (source, target):
                end.close()
