from pathlib import Path

import pytest

from stages import files, packages
from stages.errors import DataError

ROOT = Path(__file__).parents[1]


def test_packages_json_is_that_of_requirements_txt() -> None:
    pins = packages.pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))

    assert files.read_json(ROOT / "packages.json") == pins, "Run `python -m stages.packages` and commit packages.json."


def test_every_package_asked_for_by_name_is_pinned() -> None:
    asked = [line.partition("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines()]
    names = {line.partition("==")[0] for line in asked if line}

    assert names <= set(files.read_json(ROOT / "packages.json"))


def test_a_name_holds_no_dot_and_a_marker_is_no_version() -> None:
    text = "# made by a tool\nzc.lockfile==4.0\n    # via dvc\nPyYAML==6.0.3\nlibrt==0.16.0 ; sys_platform != 'win32'\n"

    assert packages.pins(text) == {"zc-lockfile": "4.0", "pyyaml": "6.0.3", "librt": "0.16.0"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("numpy>=2", "'numpy>=2' is no exact pin"),
        ("-r other.txt", "'-r other.txt' is no exact pin"),
        ("numpy==2.4.6 ; python_version < '3.12'\nNumPy==2.5 ; python_version >= '3.12'", "numpy is pinned twice"),
    ],
)
def test_what_is_no_single_exact_pin_is_refused(line: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        packages.pins(line)
