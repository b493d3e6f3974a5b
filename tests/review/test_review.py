"""make review in a real repository: what a change of params, of data, or of nothing is told as, and what is lost."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import small
import yaml
from markdown_it import MarkdownIt

LAST = "flights-2013-12.csv.gz"


@pytest.fixture(scope="module")
def slower(ran: Path, shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A branch with another learning rate, everything run, nothing committed. Copy it."""

    def make(folder: Path) -> None:
        shutil.copytree(ran, folder, symlinks=True, dirs_exist_ok=True)
        small.edit(folder / "params.yaml", "learning_rate: 0.1", "learning_rate: 0.02")
        assert small.repro(folder) == small.STAGES[3:]

    return shared("slower", make)


@pytest.fixture
def branch(slower: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(slower, tmp_path / "repo", symlinks=True))


def review(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", "stages.review", *arguments)


def lines(text: str) -> dict[str, str]:
    """What is told of each thing."""
    told = [line.removeprefix("- **").split("**: ", 1) for line in text.splitlines() if line.startswith("- **")]
    return dict(told)


def find_object(folder: Path, revision: str, path: str) -> Path:
    """Where DVC's cache keeps what that revision had."""
    lock = yaml.safe_load(small.run(folder, "git", "show", f"{revision}:dvc.lock").stdout)
    outs = [out for stage in lock["stages"].values() for out in stage["outs"] if out["path"] == path]
    return folder / ".dvc/cache/files/md5" / outs[0]["md5"][:2] / outs[0]["md5"][2:]


def test_a_param_that_changed_is_told_first_by_what_it_did_on_the_same_rows(branch: Path) -> None:
    done = review(branch, "main", "--html")

    assert done.returncode == 0, done.stderr
    rows = json.loads((branch / "metrics/evaluation.json").read_text())["rows"]["test"]
    verdict, told = done.stdout.splitlines()[2], lines(done.stdout)
    assert " AUC 0." in verdict
    assert f"on the same {rows:,} rows" in verdict
    assert told["Params"] == "train.learning_rate 0.1 → 0.02."
    assert told["Data"] == "the same."
    assert told["Split"].startswith(f"the same {rows:,} rows are judged")
    assert told["Code"].startswith(
        "five stages ran on something else: train, evaluate, save, serve and report; their code is"
    )
    assert "bytes" in told["Model"]
    assert len(told) <= 10
    assert "Not found" not in told
    # and the file says the same with its tables folded, the page too
    folded = (branch / "reports/review.md").read_text(encoding="utf-8")
    assert folded.count("<details>") == folded.count("</details>") == folded.count("<summary>") > 3
    assert [token.type for token in MarkdownIt().enable("table").parse(folded)].count("table_open") > 3
    assert "<summary>Metrics</summary>" in (branch / "reports/review.html").read_text(encoding="utf-8")
    # and neither is a change of the repository
    assert "review" not in small.run(branch, "git", "status", "--porcelain").stdout


def test_nothing_changed_is_said(repo: Path) -> None:
    done = review(repo, "main")

    assert "The same model: it predicts the same of all" in done.stdout
    told = lines(done.stdout)
    assert (told["Data"], told["Params"], told["Validation"]) == ("the same.", "the same.", "the same.")
    assert told["Code"] == "no stage ran on anything else."
    assert not (repo / "reports/review.html").exists()


def test_sources_are_told_by_their_names_whatever_those_are_and_what_is_no_data_is_not(repo: Path) -> None:
    # given a source with an odd name that both have, one that is new, and a word beside them
    for name in ('ü "q" x.csv', "two\tparts.csv"):
        (repo / "data/source" / name).write_text("a,b\n1,2\n")
    small.commit(repo, "odd")
    (repo / "data/source/naïve.csv").write_text("a,b\n1,2\n")
    (repo / "data/source/README.md").write_text("Where they come from.\n")
    # then the new one alone is told
    told = lines(review(repo, "HEAD").stdout)
    assert told["Data"] == "one file: naïve.csv new."


@pytest.mark.parametrize(("key", "other"), [("positive", "no"), ("name", "other")])
def test_models_of_another_class_or_target_are_not_compared(branch: Path, key: str, other: str) -> None:
    # given a base that predicted the other class, or another column
    schema = json.loads((branch / "data/schema.json").read_text())
    small.run(branch, "git", "stash", "--quiet")
    schema["target"][key] = other
    (branch / "data/schema.json").write_text(json.dumps(schema))
    small.commit(branch, "another")
    small.run(branch, "git", "reset", "--hard", "--quiet", "HEAD~1")
    small.run(branch, "git", "stash", "pop", "--quiet")
    # then nothing is called better or worse
    done = review(branch, "ORIG_HEAD")
    assert "Not compared on the same rows: another target is predicted, or another class of it" in done.stdout


def test_a_gate_that_is_gone_or_asks_for_less_is_told(branch: Path) -> None:
    text = (branch / "params.yaml").read_text().replace("metric: auc, low_above: 0.5}", "metric: auc, low_above: 0.4}")
    kept = [line for line in text.splitlines(keepends=True) if "calibrated:" not in line]
    (branch / "params.yaml").write_text("".join(kept))
    assert small.run(branch, "dvc", "repro", "evaluate").returncode == 0

    told = lines(review(branch, "main").stdout)["Gates"]

    assert re.search("calibrated (met|undecided|not met) → none", told)
    assert "ranking floor met (must: AUC, lower end of the interval above 0.5) → met (must: AUC" in told


def test_what_cannot_be_read_here_is_said_and_is_no_verdict(branch: Path) -> None:
    (branch / "params.yaml").write_text("evaluate: [\n")

    done = review(branch, "main")

    assert "Not compared on the same rows: params.yaml here cannot be read" in done.stdout
    told = lines(done.stdout)
    assert "params.yaml of here: " in told["Not found"]
    assert "Params" not in told
    assert "cannot tell" in told["Out of date"]


def test_a_table_that_is_not_the_evaluated_one_decides_nothing(branch: Path) -> None:
    # given a clean table that was made anew, without what comes after
    (branch / "data/source" / LAST).unlink()
    assert small.run(branch, "dvc", "repro", "clean").returncode == 0

    done = review(branch, "main")

    assert done.returncode == 0, done.stderr
    assert "without the table here nobody knows which rows belong together (date)" in done.stdout
    assert "data/clean.csv of here: it is not the one that was evaluated: make repro" in lines(done.stdout)["Not found"]


def test_a_month_that_went_is_told_and_models_meet_on_the_rows_of_both(repo: Path) -> None:
    # given the table without its last month
    base = json.loads((repo / "metrics/evaluation.json").read_text())["rows"]["test"]
    (repo / "data/source" / LAST).unlink()
    small.repro(repo)
    here = json.loads((repo / "metrics/evaluation.json").read_text())["rows"]["test"]

    told = lines(review(repo, "HEAD").stdout)

    assert f"one file: {LAST} gone; rows in" in told["Data"]
    assert told["Split"] == f"{here:,} rows are judged in both, of {base:,} there and {here:,} here."
    assert told["Validation"] == "the same."


def test_a_gate_that_is_missed_comes_first(branch: Path) -> None:
    small.edit(branch / "params.yaml", "metric: auc, low_above: 0.5}", "metric: auc, low_above: 0.99}")
    assert small.run(branch, "dvc", "repro", "evaluate").returncode == 0

    done = review(branch, "main")

    assert done.stdout.splitlines()[2].startswith("**Refused: ranking floor required and not met. ")
    assert re.search(r"ranking floor met \(.* 0\.5\) → not met \(.* 0\.99\)", lines(done.stdout)["Gates"])


def test_outputs_that_are_out_of_date_are_said(branch: Path) -> None:
    small.edit(branch / "params.yaml", "learning_rate: 0.02", "learning_rate: 0.03")

    done = review(branch, "main")

    told = lines(done.stdout)
    assert told["Out of date"] == "train: this compares what is no more."
    assert done.stdout.splitlines()[2].startswith("**Out of date, make repro first. ")


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: (path.chmod(0o644), path.write_bytes(b"row,key\n"))])
def test_predictions_that_the_cache_has_not_whole_come_from_the_remote_or_are_said_to_be_lost(
    branch: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    # given a remote with all of main's, and a cache that has lost its predictions
    store = tmp_path / "store"
    small.run(branch, "dvc", "remote", "add", "--default", "store", str(store))
    small.run(branch, "dvc", "push", "--all-commits")
    damage(find_object(branch, "main", "data/predictions.csv"))

    # then they are fetched
    assert "on the same" in review(branch, "main").stdout

    # and where the remote has not got them either, the numbers stand side by side, and why is said
    shutil.rmtree(store)
    done = review(branch, "main")
    assert done.returncode == 0
    assert done.stdout.splitlines()[2].startswith("**Not compared on the same rows: the predictions of main could not")
    assert "data/predictions.csv of main: it is not in the cache, and " in lines(done.stdout)["Not found"]
    assert "## Metrics, of each its own rows" in done.stdout


def test_a_revision_of_other_code_is_read_as_far_as_it_can_be(branch: Path) -> None:
    # given a base whose evaluation was written in a form of long ago
    small.run(branch, "git", "stash", "--quiet")
    (branch / "metrics/evaluation.json").write_text('{"task": "binary", "auc": 0.7}\n')
    (branch / "metrics/train.json").unlink()
    small.commit(branch, "long ago")
    small.run(branch, "git", "reset", "--hard", "--quiet", "HEAD~1")
    small.run(branch, "git", "stash", "pop", "--quiet")

    done = review(branch, "ORIG_HEAD")

    assert done.returncode == 0, done.stderr
    told = lines(done.stdout)["Not found"]
    assert "metrics/evaluation.json of ORIG_HEAD: today's code cannot read it" in told
    assert "metrics/train.json of ORIG_HEAD: there is none" in told


@pytest.mark.parametrize("base", ["nowhere", "--force", ""])
def test_a_revision_that_is_none_is_refused(repo: Path, base: str) -> None:
    done = review(repo, "--", base)

    assert done.returncode == 1
    assert f"there is no revision '{base}'. Give a branch, tag or commit: BASE=main" in done.stderr
