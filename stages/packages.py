"""Write `packages.json`, the exact versions of `requirements.txt` as a DVC params file.

A stage lists only the packages that can change its results (`packages.json: [numpy, scikit-learn]`), so that an
upgrade of a chart library retrains nothing, and `dvc params diff` shows the upgrades that do.
"""

from __future__ import annotations

import re
from pathlib import Path

from stages.core import files, run
from stages.core.errors import DataError

REQUIREMENTS = Path("requirements.txt")
PACKAGES = Path("packages.json")
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;.*)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(requirements: str) -> dict[str, str]:
    """The version of each package, by its normal name (PEP 503), in which no dot can be taken for a path of keys.

    Raises DataError for a line that is not one exact pin, and for a package pinned twice (by Python version, say).
    """
    versions: dict[str, str] = {}
    for number, line in enumerate(requirements.splitlines(), start=1):
        entry = line.partition("#")[0].rstrip("\\ ").strip()
        if not entry or HASH.fullmatch(entry):
            continue
        pin = PIN.fullmatch(entry)
        if pin is None:
            raise DataError(
                f"{REQUIREMENTS}, line {number}: '{entry}' is no exact pin. Make the file with `make lock`."
            )
        name = re.sub(r"[-_.]+", "-", pin[1]).lower()
        if name in versions:
            raise DataError(f"{REQUIREMENTS}, line {number}: {name} is pinned twice. Make the file with `make lock`.")
        versions[name] = pin[2]
    return versions


def work() -> None:
    """Read the pins, write the JSON."""
    files.write_json(PACKAGES, pins(REQUIREMENTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run.stage("packages", work)
