"""Only what changed runs again: one change at a time, and exactly the stages it reaches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import small

COMMENT = "\n# A comment.\n"
DECEMBER = "flights-2013-12.csv.gz"
Change = Callable[[Path], None]


def append(path: str, text: str) -> Change:
    """Adds the text to the end of the file."""

    def change(folder: Path) -> None:
        (folder / path).parent.mkdir(exist_ok=True)
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def pin(package: str) -> Change:
    """Puts another version of the package into the lock."""

    def change(folder: Path) -> None:
        versions = json.loads((folder / "packages.json").read_text())
        versions[package] += ".post1"
        (folder / "packages.json").write_text(json.dumps(versions, indent=2) + "\n")

    return change


def params(old: str, new: str) -> Change:
    """Replaces a text of params.yaml."""
    return lambda folder: small.edit(folder / "params.yaml", old, new)


HARMLESS = [
    params("draws: 100", "draws: 100 # enough for a test; "),
    append("data/source/README.md", "More words.\n"),
    append("data/source/flights.csv.dvc", "outs: []\n"),
    append("tests/test_new.py", COMMENT),
    append("stages/approve/__main__.py", COMMENT),
    append("stages/repro.py", COMMENT),
    append("serve/predict/__main__.py", COMMENT),
    pin("gto"),
]


@pytest.mark.slow
def test_nothing_runs_for_what_is_no_dep(copy: Callable[[], Path]) -> None:
    # Given a repository where everything has run, and changes to comments, words, tests and commands of no stage
    folder = copy()
    for change in HARMLESS:
        change(folder)

    # Then no stage runs
    assert small.repro(folder) == []


@pytest.mark.parametrize(
    ("change", "upto", "stages"),
    [
        pytest.param(
            params("learning_rate: 0.1", "learning_rate: 0.2"),
            "save",
            ["train", "evaluate", "save"],
            id="train parameter",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            params("cancelled: m", "short: distance < 200\n    cancelled: m"),
            "train",
            ["clean", "features", "train"],
            id="clean rule",
        ),
        pytest.param(
            params("- distance > 0", "- distance >= 0"),
            "train",
            ["clean"],
            id="clean rule that sets no other row aside",
        ),
        pytest.param(append("stages/features/__main__.py", COMMENT), "report", ["features"], id="comment in one stage"),
        pytest.param(
            append("stages/model/onnx_predict.py", COMMENT),
            "report",
            ["evaluate", "save"],
            id="module two stages share",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            pin("scikit-learn"), "save", ["train", "evaluate", "save"], id="scikit-learn", marks=pytest.mark.slow
        ),
        pytest.param(
            params("timeout_s: 10 ", "timeout_s: 20 "),
            "report",
            ["serve"],
            id="serve parameter",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            params("title: Late", "title: Very late"),
            "report",
            ["report"],
            id="text of the report",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_change_reruns_what_it_reaches(
    copy: Callable[[], Path], change: Change, upto: str, stages: list[str]
) -> None:
    # Given a repository where everything has run
    folder = copy()

    # When one thing changes
    change(folder)

    # Then, of the stages up to the one asked for, these run and no others: equal outputs go no further
    assert small.repro(folder, upto) == stages


@pytest.mark.slow
def test_a_month_of_flights_reaches_every_stage_and_coming_back_gives_the_same_tables(
    ran: Path, copy: Callable[[], Path]
) -> None:
    # Given a repository without December
    folder = copy()
    december = folder / "data/source" / DECEMBER
    content = december.read_bytes()
    december.unlink()

    # Then everything runs for it, and no row of another month changed its part
    assert small.repro(folder) == small.STAGES
    more, fewer = (json.loads((place / "metrics/evaluation.json").read_text())["rows"] for place in (ran, folder))
    assert more["test"] > fewer["test"] > 0
    assert (more["train"], more["validation"]) == (fewer["train"], fewer["validation"])

    # When December is back
    december.write_bytes(content)
    back = small.repro(folder, "features", "--no-run-cache")

    # Then the stages run for it, and their tables are those of a repository which had it all along
    assert back == ["ingest", "clean", "features"]
    assert (folder / "data/features.csv").read_bytes() == (ran / "data/features.csv").read_bytes()


@pytest.mark.slow
def test_an_experiment_with_another_parameter_runs_from_its_stage_on(repo: Path) -> None:
    # Given the whole pipeline run; when DVC runs an experiment, for which it writes params.yaml anew
    done = small.run(repo, "dvc", "exp", "run", "--set-param", "train.max_leaf_nodes=15")
    # Then every stage reads the params as they were meant, and only what depends on the parameter ran
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")]
    assert ran == ["train", "evaluate", "save", "serve", "report"]
