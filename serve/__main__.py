"""Starts BentoML's server with the settings of params.yaml; `serve/start` calls it from any folder."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import resource
import socket
import sys
import tempfile
from pathlib import Path

from serve import keys, settings
from serve.workers import sighup_reload
from serve.workers.port import find_listener
from stages.core.errors import PipelineError, ServeError
from stages.transaction.committed import describe_disagreement

SERVICE = "serve.service:Predictor"
"""What `bentoml serve` alone finds in pyproject.toml; named here, so that the stage does not depend on that file."""
MAX_COMMAND_CHARS = 120
"""Characters of a command line that a message repeats."""
GRACEFUL_STOP_S = 20
"""What is being answered when the service is told to stop gets so many seconds; BentoML's own limit is a day."""

MAX_OPEN_FILES = 65_536
"""As many connections and files may be open, where the machine allows it: the usual 1,024 are too few under load."""


def main() -> None:
    """Check what can be checked, then become BentoML's server."""
    parser = argparse.ArgumentParser("serve/start", description="Serve the champion, or the candidate while none is.")
    parser.add_argument("--candidate", action="store_true", help="serve the model just trained, approved or not")
    parser.add_argument("--host", help="address to listen at (default: params.yaml, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen at (default: params.yaml, 3000)")
    arguments = parser.parse_args()
    if told := describe_disagreement(settings.ROOT):
        print(told, file=sys.stderr)
    try:
        configured = settings.load()
        keys.load(configured)
        host, port = arguments.host or configured.host, configured.port if arguments.port is None else arguments.port
        _check_free(host, port)
    except PipelineError as error:
        sys.exit(f"serve: {error}")
    if arguments.candidate:
        os.environ["SERVE_MODEL"] = "candidate"
    _prepare_environment(port)
    sighup_reload.block_signal()  # else one that comes before the server listens would end it
    command = ["bentoml", "serve", SERVICE, "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", *command, "--timeout-graceful-shutdown", str(GRACEFUL_STOP_S)])


def _check_free(host: str, port: int) -> None:
    try:
        family = socket.AF_INET if ipaddress.ip_address(host).version == 4 else socket.AF_INET6
    except ValueError:
        raise ServeError(f"'{host}' is not an IP address; give one such as 127.0.0.1.") from None
    if not 1 <= port <= 65535:
        raise ServeError(f"{port} is not a port; give one from 1 to 65535.")
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            reason = _describe_use(host, port) if in_use else f"{host}:{port} cannot be used ({error})."
            raise ServeError(reason) from None


def _describe_use(host: str, port: int) -> str:
    listener = find_listener(port)
    if listener is None:
        return f"{host}:{port} is in use, by whom the system does not tell. Choose another --port."
    pid, command = listener
    return (
        f"{host}:{port} is in use by process {pid} ({command[:MAX_COMMAND_CHARS]}). "
        f"End it (kill {pid}), or choose another --port."
    )


def _prepare_environment(port: int) -> None:
    """Prepare the surroundings of the server: folders of its own, one thread for the model, nobody told of its use."""
    logs = settings.log_folder()
    # A server empties the metrics folder in its BENTOML_HOME when it starts: no two servers may share one.
    os.environ.setdefault("BENTOML_HOME", str(logs / f".server-{port}"))
    os.environ |= {"SERVE_LOGS": str(logs), "BENTOML_DO_NOT_TRACK": "True", "OMP_NUM_THREADS": "1"}
    try:
        for folder in (logs, Path(os.environ["BENTOML_HOME"])):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError as error:
        name = "SERVE_LOGS" if folder == logs else "BENTOML_HOME"
        sys.exit(f"serve: {folder} cannot be written ({error.strerror}). Set {name} to a folder that can.")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    os.chdir(settings.ROOT)


if __name__ == "__main__":
    main()
