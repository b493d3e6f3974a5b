"""A small repository that can be served, and a real server in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Server, repository


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a module: none of them may change what another one sees."""
    started = Server(repository(tmp_path_factory.mktemp("served") / "repo"), settings="  timeout_s: 2\n")
    try:
        started.wait()
        yield started
    finally:
        started.stop()
