"""`make tune` in a whole repository: trials are DVC experiments, the hold-out is not seen, and nothing else changes."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import small

from stages.core import params
from stages.core.errors import DataError, ParamsError, PipelineError, TrainError
from stages.model.params import Train
from stages.repro import check_sections
from stages.tune import __main__ as front
from stages.tune import judge

SEARCH = """
tune:
  search:
    learning_rate: {low: 0.02, high: 0.5, log: true}
    max_leaf_nodes: {low: 2, high: 40, log: true}

evaluate:
  block"""
Trials = dict[str, tuple[dict[str, Any], dict[str, Any]]]


def ask(folder: Path) -> Path:
    """Let the repository search for two keys."""
    small.edit(folder / "params.yaml", "\nevaluate:\n  block", SEARCH)
    return folder


@pytest.fixture
def asking(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, a repository that searches, in which this process may commit."""
    for name, value in small.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return ask(repo)


@pytest.fixture
def asking_copy(copy: Callable[[], Path]) -> Callable[[], Path]:
    """Gives such repositories, each of the same commit."""
    return lambda: ask(copy())


def tune(folder: Path, trials: int) -> str:
    done = small.run(folder, sys.executable, "-m", "stages.tune", "--trials", str(trials))
    assert done.returncode == 0, done.stderr
    return done.stdout


def show(folder: Path) -> list[dict[str, Any]]:
    """What DVC shows: the workspace and HEAD."""
    done = small.run(folder, "dvc", "exp", "show", "--json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def list_trials(folder: Path) -> Trials:
    """The section train and the metrics of each experiment of HEAD that DVC shows."""
    found = {}
    for experiment in show(folder)[1]["experiments"] or []:
        (trial,) = experiment["revs"]
        data = trial["data"]
        train, metrics = data["params"]["params.yaml"]["data"]["train"], data["metrics"]["metrics/summary.json"]["data"]
        found[experiment["name"]] = (train, metrics)
    return found


def start(folder: Path, trials: int, until: int) -> subprocess.Popen[str]:
    """A search that has recorded so many trials, and runs."""
    command = [sys.executable, "-m", "stages.tune", "--trials", str(trials)]
    process = subprocess.Popen(command, cwd=folder, env=small.ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 120
    while len(small.run(folder, "git", "for-each-ref", "refs/exps").stdout.splitlines()) < until:
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < limit
        time.sleep(0.02)
    return process


def status(folder: Path) -> str:
    return small.run(folder, "git", "status", "--porcelain").stdout


def test_each_trial_is_an_experiment_and_nothing_else_changes(asking: Path) -> None:
    # given a repository whose search alone is not committed, and the pipeline up to date all the same
    before = {path: path.read_bytes() for path in asking.glob("*.*") if path.is_file()}
    check_sections()
    # when
    said = tune(asking, 4)
    # then DVC shows each trial with its own values, and metrics of validation rows alone
    workspace, head = show(asking)
    trials = list_trials(asking)
    assert [name.rpartition("-")[2] for name in sorted(trials)] == ["001", "002", "003", "004"]
    now = workspace["data"]["params"]["params.yaml"]["data"]["train"]
    for train, metrics in trials.values():
        assert {key for key in train if train[key] != now[key]} <= {"learning_rate", "max_leaf_nodes"}
        assert metrics.keys() == {"by_validation"}
        assert (
            metrics["by_validation"].keys()
            == head["data"]["metrics"]["metrics/summary.json"]["data"]["by_validation"].keys()
        )
    assert len({json.dumps(train) for train, _ in trials.values()}) == 4
    # and the table has them below what params.yaml has, which is as train judged it
    table = {
        line.split()[0]: line.split()[1] for line in said.splitlines() if line.startswith(("tune-", "params.yaml"))
    }
    judged = json.loads((asking / "metrics/train.json").read_text())["validation"]["log_loss"]
    assert table == {"params.yaml": f"{judged:.6f}"} | {
        name: f"{metrics['by_validation']['log_loss']:.6f}" for name, (_, metrics) in trials.items()
    }
    assert (asking / "reports/tune.png").exists()
    # and no file, index or stage is another one
    assert {path: path.read_bytes() for path in before} == before
    assert status(asking) == " M params.yaml\n"
    assert small.run(asking, "dvc", "status", "--quiet").returncode == 0


def test_killed_and_started_again_it_ends_with_the_same_trials(asking_copy: Callable[[], Path]) -> None:
    # given a search that ran through
    whole, killed = asking_copy(), asking_copy()
    tune(whole, 8)
    # when another one is killed on its way
    process = start(killed, 8, until=3)
    process.kill()
    process.communicate()
    kept = {path: path.stat().st_mtime_ns for path in killed.glob(".checkpoints/tune-*.kept")}
    assert 3 <= len(list_trials(killed)) < 8
    # then, run again, it has the same trials, and fits none twice
    tune(killed, 8)
    assert list_trials(killed) == list_trials(whole)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    # and more of them go on from there
    before = list_trials(whole)
    tune(whole, 10)
    after = list_trials(whole)
    assert len(after) == 10
    assert after.items() >= before.items()


def test_stopped_by_the_keyboard_it_says_how_to_go_on(asking: Path) -> None:
    process = start(asking, 50, until=2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.search(r"tune: \d+ of 50 trials are kept; the same command goes on there", told)
    assert "Traceback" not in told
    assert status(asking) == " M params.yaml\n"


def test_the_hold_out_changes_no_trial(asking_copy: Callable[[], Path]) -> None:
    # given two repositories, in one of which the hold-out is garbage
    whole, spoilt = asking_copy(), asking_copy()
    path = spoilt / "data/features.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    held_out = rows["split"] == "test"
    assert held_out.any()
    rows.loc[held_out, "distance"] = "-1e9"
    rows.loc[held_out, "late"] = "no"
    path.unlink()
    rows.to_csv(path, index=False, lineterminator="\n")
    assert small.run(spoilt, "dvc", "commit", "--force", "--quiet", "features").returncode == 0
    # then the trials are the same
    tune(whole, 3)
    tune(spoilt, 3)
    assert list_trials(spoilt) == list_trials(whole)


def test_what_is_taken_over_changes_the_lines_of_what_was_searched(
    asking: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given some trials, and a setting that was changed since
    tune(asking, 2)
    trials = list_trials(asking)
    name = min(trials)
    path = asking / "params.yaml"
    small.edit(path, "  patience: 3 ", "  patience: 2 ")
    before = path.read_text().splitlines()
    # when
    front.take(name)
    # then only the two lines are other ones, and it is said what the score does not hold for
    values = {key: trials[name][0][key] for key in ("learning_rate", "max_leaf_nodes")}
    changed = [(old, new) for old, new in zip(before, path.read_text().splitlines(), strict=True) if old != new]
    assert [new for _, new in changed] == [f"  {key}: {value}" for key, value in values.items()]
    assert params.load("train", Train) == params.convert({**trials[name][0], "patience": 2}, Train, "")
    told = capsys.readouterr()
    assert f"params.yaml: train.learning_rate: 0.1 becomes {values['learning_rate']}" in told.out
    assert "judged with another patience" in told.err
    # and a name that is none is told
    with pytest.raises(PipelineError, match=f"no experiment is named '{name}9'. Did you mean '{name}'"):
        front.take(f"{name}9")


@pytest.mark.slow
def test_dvc_applies_a_trial_and_the_pipeline_goes_on_from_it(asking: Path) -> None:
    tune(asking, 1)
    small.commit(asking, "search")
    trials = list_trials(asking)
    assert not trials  # as for any experiment, what was tried from another commit is shown with that one
    tune(asking, 1)
    ((name, (train, _)),) = list_trials(asking).items()
    done = small.run(asking, "dvc", "exp", "apply", name)
    assert done.returncode == 0, done.stderr
    assert params.read()["train"] == train
    assert status(asking) == " M metrics/summary.json\n M params.yaml\n"
    assert small.repro(asking, "evaluate") == ["train", "evaluate"]
    found = json.loads((asking / "metrics/summary.json").read_text())
    assert found["hold_out"]


def test_a_trial_that_fails_is_told_and_ends_nothing(
    asking: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    # given settings that cannot be fitted, among others
    fit = judge.fit_model

    def fail_some(*arguments: Any) -> Any:
        if arguments[-1].max_leaf_nodes not in (31, *range(10)):
            raise TrainError("scikit-learn refused: too many.")
        return fit(*arguments)

    monkeypatch.setattr(judge, "fit_model", fail_some)
    # when
    front.try_settings(5)
    # then they are told, the others recorded, and so again when nothing is fitted any more
    told = capsys.readouterr().out
    failed = re.search(r"Failed: (\d) of five trials; trial \d: scikit-learn refused: too many\.", told)
    assert failed
    assert len(list_trials(asking)) == 5 - int(failed[1])
    assert "failed (learning_rate" in caplog.text
    front.try_settings(5)
    assert capsys.readouterr().out == told
    # and what params.yaml has must be possible
    small.edit(asking / "params.yaml", "max_leaf_nodes: 31", "max_leaf_nodes: 32")
    with pytest.raises(TrainError, match=r"what params.yaml has cannot be fitted: scikit-learn refused: too many\."):
        front.try_settings(5)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"learning_rate": -1.0}, "params.yaml: train.learning_rate: Expected `float` > 0.0."),
        ({"folds": 1}, "params.yaml: train: folds: 0 for none, or at least 2."),
    ],
)
@pytest.mark.usefixtures("asking")
def test_settings_that_train_refuses_are_a_trial_that_failed(values: Any, reason: str) -> None:
    assert judge.judge(params.load("train", Train), values, front.read_rows()).failed == reason


def test_features_that_are_not_those_of_now_are_not_searched_on(asking: Path) -> None:
    small.edit(asking / "params.yaml", "drop: [date, ", "drop: [origin, date, ")
    with pytest.raises(DataError, match=r"not what the stages up to features would make now\. Run make repro first"):
        front.try_settings(1)


def test_without_a_search_or_a_number_it_says_what_to_write(repo: Path) -> None:
    with pytest.raises(ParamsError, match=r"tune.search names nothing to try: name keys of train"):
        front.try_settings(1)
    for arguments in ([], ["--trials", "0"]):
        done = small.run(repo, sys.executable, "-m", "stages.tune", *arguments)
        assert done.returncode == 2
        assert "say how many settings to try: make tune TRIALS=50" in done.stderr


@pytest.mark.slow
def test_in_a_folder_of_a_larger_repository_it_is_that_folder_s(ran: Path, tmp_path: Path) -> None:
    # given the project in a folder with a space
    folder = tmp_path / "top" / "a part"
    shutil.copytree(ran, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    small.run(folder.parent, "git", "init", "--quiet")
    ask(folder)
    small.commit(folder, "all")
    # then
    tune(folder, 1)
    refs = small.run(folder, "git", "for-each-ref", "--format=%(refname)", "refs/exps").stdout.split()
    changed = small.run(folder, "git", "diff", "--name-only", "HEAD", *refs).stdout.splitlines()
    assert changed == ["a part/metrics/summary.json", "a part/params.yaml"]


def test_the_list_of_experiments_has_few_columns_and_the_best_first(asking: Path) -> None:
    # given the command that make runs
    tune(asking, 3)
    recipe = re.search(r"^experiments:.*\n((?:\t.*\n)+)", (small.ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    command = recipe[1].replace("\t@", "").replace("$$", "$").strip()
    # when
    done = small.run(asking, "bash", "-c", f"{command} --csv")
    assert done.returncode == 0, done.stderr
    # then
    heads, *rows = [line.split(",") for line in done.stdout.splitlines()]
    assert 6 <= len(heads) <= 12
    assert not [head for head in heads if head.startswith(("hold_out", "data/", "stages/"))]
    column = heads.index("by_validation.log_loss")
    losses = [float(row[column]) for row in rows[2:]]
    assert len(losses) == 3
    assert losses == sorted(losses)
