"""Train: the same bytes however it came to be, rounds chosen on validation rows, and errors a person can act on."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
import small

from stages.core.errors import DataError, TrainError
from stages.model.estimators import build_booster
from stages.model.params import Train
from stages.table import schema
from stages.table.schema import Schema, Target
from stages.train import __main__ as train
from stages.train import boosting, checkpoint
from stages.train.boosting import Rows, Split

MODEL = Path("model/trained.pkl")
OTHER_MACHINE = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}


def forget(folder: Path) -> None:
    """As before the first training."""
    (folder / MODEL).unlink()
    for path in (folder / ".checkpoints").iterdir():
        path.unlink()


def forget_outputs(folder: Path) -> None:
    """As if no training had come to its end."""
    (kept,) = (folder / ".checkpoints").glob("train-*.kept")
    kept.unlink()


def killed(folder: Path, moment: Callable[[subprocess.Popen[bytes]], None]) -> bool:
    """Whether a training was alive at the moment, when it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.train"], cwd=folder, env=small.ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    moment(process)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def changed(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write the features table again, changed."""
    path = folder / "data/features.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_with_the_same_bytes(ran: Path, copy: Callable[[], Path]) -> None:
    # Given trainings killed at random moments, in the import, in a step or while writing
    folder = copy()
    forget(folder)
    moments = random.Random(7)
    for _ in range(4):
        killed(folder, lambda process: time.sleep(moments.uniform(1.0, 3.5)))

    # When it is started once more and left alone
    done = small.stage(folder, "train")

    # Then the model is that of an uninterrupted run, and so are its metrics
    assert done.returncode == 0, done.stderr
    for path in (MODEL, "metrics/train.json", "metrics/learning_curve.csv"):
        assert (folder / path).read_bytes() == (ran / path).read_bytes(), path


@pytest.mark.slow
def test_killed_right_after_each_checkpoint_it_goes_on_from_there(ran: Path, copy: Callable[[], Path]) -> None:
    # Given a training killed as soon as it kept its first checkpoint, and again at the second
    folder = copy()
    forget(folder)

    def kept(process: subprocess.Popen[bytes]) -> None:
        before = {path: path.stat().st_mtime_ns for path in (folder / ".checkpoints").glob("*.pkl")}
        while process.poll() is None:
            if {path: path.stat().st_mtime_ns for path in (folder / ".checkpoints").glob("*.pkl")} != before:
                return
            time.sleep(0.001)

    assert killed(folder, kept)
    assert killed(folder, kept)
    assert not (folder / MODEL).exists()

    # When it is started again
    done = small.stage(folder, "train")

    # Then it goes on from what was kept and ends with the same bytes
    assert "going on from the checkpoint" in done.stderr
    assert (folder / MODEL).read_bytes() == (ran / MODEL).read_bytes()


@pytest.mark.slow
def test_another_core_count_hash_seed_zone_and_locale_give_the_same_bytes(ran: Path, copy: Callable[[], Path]) -> None:
    folder = copy()
    forget(folder)
    assert small.stage(folder, "train", **OTHER_MACHINE).returncode == 0
    assert (folder / MODEL).read_bytes() == (ran / MODEL).read_bytes()


def test_a_damaged_checkpoint_is_named_and_training_starts_anew(
    ran: Path, repo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a checkpoint cut short, and nothing else kept
    forget_outputs(repo)
    (kept,) = (repo / ".checkpoints").glob("*.pkl")
    os.truncate(kept, kept.stat().st_size // 2)
    MODEL.unlink()

    # When training runs
    with caplog.at_level(logging.INFO):
        train.work()

    # Then it says so, begins at the beginning, and makes the same model
    assert f"{kept.relative_to(repo)} is damaged and not used" in caplog.text
    assert "train: 10 rounds" in caplog.text
    assert MODEL.read_bytes() == (ran / MODEL).read_bytes()


def test_more_rounds_go_on_where_fewer_ended_and_make_what_a_fresh_run_makes(
    ran: Path, repo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a model of 20 rounds at most, made from the start
    forget(repo)
    small.edit(repo / "params.yaml", "max_rounds: 40", "max_rounds: 20")
    train.work()

    # When 40 are allowed
    small.edit(repo / "params.yaml", "max_rounds: 20", "max_rounds: 40")
    with caplog.at_level(logging.INFO):
        train.work()

    # Then the first 20 are not done again, and the model is that of 40 rounds in one run
    assert "going on from the checkpoint at 20 rounds" in caplog.text
    assert "train: 10 rounds" not in caplog.text
    assert MODEL.read_bytes() == (ran / MODEL).read_bytes()


def test_fewer_rounds_than_the_checkpoint_has_begin_anew(repo: Path) -> None:
    # Given the checkpoint of 40 rounds, and a model of 15 rounds from the start
    small.edit(repo / "params.yaml", "max_rounds: 40", "max_rounds: 15")
    train.work()
    after_more = MODEL.read_bytes()

    # When the same is trained with no checkpoint at hand
    forget(repo)
    train.work()

    # Then nothing of the 40 rounds was in the first
    assert MODEL.read_bytes() == after_more
    assert pd.read_csv("metrics/learning_curve.csv")["round"].tolist() == [10, 15]


@pytest.mark.usefixtures("repo")
def test_the_checkpoints_key_holds_all_that_the_model_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given the key of a training
    section = Train(max_rounds=10)
    target = Target("late", ["no", "yes"], "yes", "")
    asked = Schema("flights", "binary", target, [], [])
    rows = pd.DataFrame({"x": [1.0, 2.0], "late": ["no", "yes"]})
    key = train.key_of(section, asked, rows)

    # Then it changes with what boosting depends on, but not with how long it goes on and what comes after
    assert train.key_of(Train(max_rounds=99, patience=9, estimator="best", refit=True), asked, rows) == key
    turned = msgspec.structs.replace(asked, target=msgspec.structs.replace(target, positive="no"))
    others = {train.key_of(Train(max_rounds=10, **{name: 8}), asked, rows) for name in ("seed", "folds")}
    others |= {train.key_of(section, to, rows) for to in (turned, msgspec.structs.replace(asked, task="regression"))}
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.__version__", "0.0")
        others.add(train.key_of(section, asked, rows))
    content = train.DEFINITION.read_bytes()
    train.DEFINITION.write_bytes(content + b" ")
    others.add(train.key_of(section, asked, rows))
    train.DEFINITION.write_bytes(content)
    others.add(train.key_of(section, asked, rows.assign(x=[1.0, 3.0])))
    assert len(others | {key}) == 8


def test_what_the_last_fit_made_is_taken_where_nothing_it_learnt_from_changed(
    ran: Path, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a run that ended, and later rows in the hold-out
    def later(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows[rows["split"] == "test"].head(9)])

    changed(repo, later)
    for path in (MODEL, Path("metrics/train.json"), Path("metrics/learning_curve.csv")):
        path.unlink()

    # When training runs, then nothing is fitted, and the same bytes are there
    with monkeypatch.context() as patch:
        patch.setattr(train, "fit_model", None)
        train.work()
    for name in (str(MODEL), "metrics/train.json", "metrics/learning_curve.csv"):
        assert Path(name).read_bytes() == (ran / name).read_bytes()

    # but anew where a row, a setting or a package is another
    section, asked, rows = Train(max_rounds=10), schema.read(), pd.DataFrame({"x": [1.0, 2.0], "late": ["no", "yes"]})
    names = {train.key_of_all(section, asked, rows), train.key_of_all(Train(max_rounds=9), asked, rows)}
    names.add(train.key_of_all(section, asked, rows.iloc[::-1]))
    texts = pd.DataFrame({"x": ["nan", "a"], "late": ["no", "yes"]})
    names |= {train.key_of_all(section, asked, texts), train.key_of_all(section, asked, texts.replace("nan", None))}
    monkeypatch.setattr(train, "version", lambda _: "0.0")
    names.add(train.key_of_all(section, asked, rows))
    assert len(names) == 6


def test_the_hold_outs_labels_change_nothing(ran: Path, repo: Path) -> None:
    # Given the same table, the labels of its test rows shuffled
    def shuffle(rows: pd.DataFrame) -> pd.DataFrame:
        test = rows["split"] == "test"
        rows.loc[test, "late"] = rows.loc[test, "late"].sample(frac=1, random_state=7).to_numpy()
        return rows

    before = Path("data/features.csv").read_bytes()
    changed(repo, shuffle)
    assert Path("data/features.csv").read_bytes() != before
    forget_outputs(repo)

    # When the model is trained on it
    train.work()

    # Then it is the same model
    assert MODEL.read_bytes() == (ran / MODEL).read_bytes()


def test_the_validation_rows_choose_rounds_and_nothing_else(ran: Path, repo: Path) -> None:
    # Given validation labels turned round, so that the first step is the best
    def turn(rows: pd.DataFrame) -> pd.DataFrame:
        part = rows["split"] == "validation"
        rows.loc[part, "late"] = rows.loc[part, "late"].map({"yes": "no", "no": "yes"})
        return rows

    changed(repo, turn)

    # When it is trained with a patience of one step
    small.edit(repo / "params.yaml", "patience: 3", "patience: 1")
    train.work()

    # Then it stops after the second step and keeps the first, whose trees are those of the other model's first step
    assert json.loads(Path("metrics/train.json").read_text())["rounds"] == 10
    assert pd.read_csv("metrics/learning_curve.csv")["round"].tolist() == [10, 20]
    kept, other = (checkpoint.unpack((folder / MODEL).read_bytes())["model"] for folder in (repo, ran))
    for ours, theirs in zip(kept._predictors, other._predictors, strict=False):
        assert ours[0].nodes.tobytes() == theirs[0].nodes.tobytes()


def test_the_best_step_is_kept_not_the_last(ran: Path) -> None:
    # Given the learning curve of a finished run
    curve = pd.read_csv(ran / "metrics/learning_curve.csv")
    best = curve.loc[curve["validation_loss"].idxmin()]

    # Then the model has the rounds of its lowest point, and the metrics are those of the model
    metrics = json.loads((ran / "metrics/train.json").read_text())
    assert metrics["rounds"] == best["round"] < curve["round"].max()
    assert metrics["rounds_tried"] == curve["round"].max()
    assert metrics["validation"]["log_loss"] == pytest.approx(best["validation_loss"], abs=1e-6)


def test_steps_make_what_one_fit_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given rows with a category and a number that is sometimes missing
    monkeypatch.chdir(tmp_path)
    make = np.random.default_rng(7)
    matrix = np.column_stack([make.integers(0, 20, 600), make.normal(size=600)])
    matrix[::7, 1] = np.nan
    labels = (matrix[:, 0] % 3 == 0) ^ (make.random(600) < 0.2)
    section = Train(max_rounds=35, step=10, patience=100, min_samples_leaf=5)

    # When they are boosted in steps with a reload after each, and in one fit
    rows = Rows(matrix, labels)
    start = boosting.State([checkpoint.pack(build_booster(1, section))], [[]])
    stepped = boosting.fit(start, section, [Split(rows, rows, "binary", 2)], "key")
    whole = build_booster(1, section).set_params(max_iter=35).fit(matrix, labels)

    # Then the two answer the same to the last bit
    (model,) = boosting.rebuild_models(stepped)
    answers = model.predict_proba(matrix)
    assert np.array_equal(answers, whole.predict_proba(matrix))
    assert stepped.rounds == 35


@pytest.mark.parametrize("part", ["train", "validation"])
def test_a_part_of_one_class_is_refused(repo: Path, part: str) -> None:
    changed(repo, lambda rows: rows.assign(late=rows["late"].where(rows["split"] != part, "no")))
    with pytest.raises(DataError, match=f"the {part} rows .* are of one class or none. Move the split's borders"):
        train.work()


def test_an_empty_table_is_refused(repo: Path) -> None:
    changed(repo, lambda rows: rows.head(0))
    with pytest.raises(DataError, match=r"data/features.csv has no rows"):
        train.work()


def test_what_scikit_learn_refuses_names_the_round_and_where_to_look() -> None:
    # Given a matrix that no booster takes
    rows = Rows(np.array([[np.inf + 0j], [1j]]), np.array([True, False]))
    fresh = build_booster(0, Train(max_rounds=10))

    # When a step is taken
    with pytest.raises(TrainError) as error:
        boosting.boost_all(boosting.State([b""], [[]]), [fresh], 10, [Split(rows, rows, "binary", 2)])

    # Then a person knows at which round, and what to look at
    assert "refused at round 0" in str(error.value)
    assert "data/features.csv" in str(error.value)
    assert "section train of params.yaml" in str(error.value)


def test_a_failed_training_leaves_the_saved_model(ran: Path, repo: Path) -> None:
    # Given a table of one class
    changed(repo, lambda rows: rows.assign(late="no"))

    # When the stage runs as DVC runs it
    done = small.stage(repo, "train")

    # Then it fails with a message and no traceback, and the saved model is untouched
    assert done.returncode == 1
    assert "train failed: the train rows" in done.stderr
    assert "Traceback" not in done.stderr
    for name in ("model.pkl", "model.onnx", "manifest.json"):
        assert (repo / "model" / name).read_bytes() == (ran / "model" / name).read_bytes()
