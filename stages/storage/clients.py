"""Packages that few need, such as what speaks to a kind of remote: installed from pins of their own when first used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from stages.core.errors import PipelineError

CLIENTS = ("s3", "ssh", "gs", "azure")
"""The kinds of remote for which DVC alone has none."""


def install(kind: str) -> None:
    """Install what speaks to such a remote, unless it is there. Raises PipelineError with what pip says."""
    if kind in CLIENTS:
        install_pins(Path(__file__).with_name(f"requirements-{kind}.txt"), f"the client of {kind}")


def install_pins(pins: Path, name: str) -> None:
    """Install the packages that a file pins beside those of requirements.txt, unless they are there; `name` is what
    they are. Raises PipelineError with what pip says.
    """
    if all(_is_installed(line) for line in pins.read_text(encoding="utf-8").splitlines()):
        return
    print(f"Installing {name} from {pins.name}: once.", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--requirement", str(pins)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PipelineError(f"{name} could not be installed: {done.stderr.strip()[-1000:]}")
    importlib.invalidate_caches()


def _is_installed(line: str) -> bool:
    """Whether the package that a line of pins names is there in its version; true of a line that names none."""
    if line[:1] in " #" or not line:
        return True
    pin = Requirement(line.removesuffix("\\").strip())
    if pin.marker and not pin.marker.evaluate():
        return True
    try:
        return version(pin.name) in pin.specifier
    except PackageNotFoundError:
        return False
