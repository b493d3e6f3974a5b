"""Rows become predictions: the right class, the right columns, the right warnings."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny

from serve.predict import output
from serve.scoring import loader as models
from serve.scoring.decode import Decoder
from serve.scoring.errors import ApiError
from serve.scoring.formatting import make_formatter
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer
from stages.contracts.manifest import Manifest


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tmp_path_factory.mktemp("model"))


def load(root: Path, task: str = "binary", **values: Any) -> Model:
    tiny.write(root / "model", task=task, **values)
    (root / "model" / "champion.json").write_text('{"version": null}')
    return models.load(root)


def ask(model: Model, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    decoder = Decoder(model.manifest.inputs, max_rows=1000)
    return Scorer(model).predict([decoder.convert_row(row) for row in rows])


def test_probabilities_are_those_of_the_class_they_stand_under(model: Model) -> None:
    # given rows on both sides of every split, whose chances are worked out by hand
    rows = tiny.rows(200)
    # when
    answers = ask(model, *rows)
    # then
    for row, answer in zip(rows, answers, strict=True):
        assert answer["probabilities"]["yes"] == pytest.approx(tiny.chance(row), abs=1e-12)
        assert answer["probabilities"]["no"] == pytest.approx(1 - tiny.chance(row), abs=1e-12)
        assert answer["prediction"] == ("yes" if tiny.chance(row) >= tiny.THRESHOLD else "no")
    assert {answer["prediction"] for answer in answers} == {"yes", "no"}


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_the_positive_class_may_stand_first_or_second(tmp_path: Path, positive: str) -> None:
    # given a model that gives the chance of either class
    [answer] = ask(load(tmp_path, target=tiny.TARGETS["binary"] | {"positive": positive}), tiny.ROW)
    # then that chance stands under it, and decides whether it is said
    said = tiny.chance(tiny.ROW)
    assert answer["probabilities"][positive] == pytest.approx(said, abs=1e-12)
    assert list(answer["probabilities"]) == ["no", "yes"]
    assert (answer["prediction"] == positive) == (said >= tiny.THRESHOLD)


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_the_positive_class_is_said_from_the_threshold_on(tmp_path: Path, positive: str) -> None:
    # given chances at the threshold and just below it
    model = load(tmp_path, target=tiny.TARGETS["binary"] | {"positive": positive})
    chances = [tiny.THRESHOLD, math.nextafter(tiny.THRESHOLD, 0)]
    negative = "yes" if positive == "no" else "no"
    # then both forms of the answer draw the line between the two: for a request, and for a file
    format_outputs = make_formatter(model.manifest)
    assert [format_outputs([chance])["prediction"] for chance in chances] == [positive, negative]
    assert list(output.make_columns(model.manifest, np.array([chances]).T)[0]) == [positive, negative]


def test_of_several_classes_the_likeliest_is_said(tmp_path: Path) -> None:
    rows = tiny.rows(200)
    answers = ask(load(tmp_path, "multiclass"), *rows)
    for row, answer in zip(rows, answers, strict=True):
        expected = tiny.answer(row, "multiclass")
        assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-12)
        assert list(answer["probabilities"]) == ["a little", "no", "very"]
        assert answer["prediction"] == expected["prediction"]
    assert len({answer["prediction"] for answer in answers}) == 3


def test_a_number_comes_with_its_interval_where_there_is_one(tmp_path: Path) -> None:
    rows = tiny.rows(200)
    for row, answer in zip(rows, ask(load(tmp_path, "regression"), *rows), strict=True):
        assert answer["prediction"] == pytest.approx(tiny.number(row), abs=1e-12)
        assert answer["interval"] == pytest.approx([tiny.number(row) - 0.5, tiny.number(row) + 0.75], abs=1e-12)
    [answer] = ask(load(tmp_path, "regression", interval=None), tiny.ROW)
    assert set(answer) == {"prediction", "warnings"}


def test_what_is_said_first_of_equals_is_the_first_class() -> None:
    format_outputs = make_formatter(msgspec.convert(tiny.manifest(task="multiclass") | {"files": {}}, Manifest))
    assert format_outputs([0.4, 0.2, 0.4])["prediction"] == "a little"
    assert format_outputs([0.2, 0.4, 0.4])["prediction"] == "no"


def test_a_row_without_a_finite_answer_is_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a model, such as a linear one, whose sums go beyond all numbers for the second row
    monkeypatch.setattr(model, "answers", lambda _: np.array([[0.5], [np.inf]]))
    # when, then
    with pytest.raises(ApiError, match="too large for the model") as refused:
        ask(model, tiny.ROW, tiny.ROW)
    assert (refused.value.status, refused.value.row) == (400, 1)


def test_a_row_is_scored_the_same_alone_and_among_others(model: Model) -> None:
    rows = tiny.rows(30)
    for row, among in zip(rows, ask(model, *rows), strict=True):
        [alone] = ask(model, row)
        assert alone["probabilities"] == pytest.approx(among["probabilities"], abs=1e-15)
        assert alone["prediction"] == among["prediction"]


def test_no_rows_no_answers(model: Model) -> None:
    assert Scorer(model).predict([]) == []


def test_columns_stand_in_the_manifests_order_and_what_is_missing_is_nan(model: Model) -> None:
    # given a row with nothing but what it must have, and a whole one
    decoder = Decoder(model.manifest.inputs, max_rows=10)
    rows = [decoder.convert_row({"carrier": "ZZ", "day": "2013-11-30", "sched": 905}), decoder.convert_row(tiny.ROW)]
    # when
    made = [Scorer(model).encoded(row) for row in rows]
    # then
    nan = np.nan
    expected = [[nan, nan, nan, nan, nan, nan, 545, 5, nan], [0, 0, 39.5, 180, 0, 2, 1095, 5, 17]]
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    ("change", "notes"),
    [
        ({}, []),
        ({"carrier": "ZZ"}, ["carrier: 'ZZ' was not seen in training"]),
        ({"kind of plane": "k" * 100}, [f"kind of plane: '{'k' * 60}' was not seen in training"]),
        ({"comfort": "High"}, ["comfort: 'High' is none of the levels low < medium < high; is it 'high'?"]),
        ({"carrier": " ua."}, ["carrier: ' ua.' was not seen in training; is it 'UA'?"]),
        ({"comfort": None}, []),
        ({"temp": 100.0}, []),
        ({"temp": 100.5}, ["temp: 100.5 is outside the training range, 10 to 100"]),
        ({"temp": -1e300}, ["temp: -1e+300 is outside the training range, 10 to 100"]),
        ({"seats": 1000000}, ["seats: 1000000 is outside the training range, 2 to 450"]),
        ({"day": "2014-01-01", "seen": "2014-01-01T00:00:00Z"}, []),
        ({"seen": "2013-01-01T04:59:59Z"}, ["seen: 2013-01-01T04:59:59Z is outside the training range, "
                                           "2013-01-01T05:00:00Z to 2013-12-31T23:00:00Z"]),
        ({"temp": None, "seen": None, "kind of plane": None}, []),
        ({"day": "0001-01-01"}, ["day: 0001-01-01 is outside the training range, 2013-01-01 to 2013-12-31"]),
        ({"sched": 2**53}, ["sched: 9007199254740992 is outside the training range, 1 to 2359"]),
        ({"carrier": "", "seats": -1}, ["carrier: '' was not seen in training",
                                        "seats: -1 is outside the training range, 2 to 450"]),
    ],
)  # fmt: skip
def test_what_the_model_has_not_seen_is_answered_with_a_warning(
    model: Model, change: dict[str, Any], notes: list[str]
) -> None:
    # given a good row, and the same one changed
    good, changed = ask(model, tiny.ROW, tiny.ROW | change)
    # then only the changed one has warnings, and both have a finite probability
    assert good["warnings"] == []
    assert changed["warnings"] == notes
    assert 0 < changed["probabilities"]["yes"] < 1


def test_nothing_of_training_is_loaded(repo: Path) -> None:
    # given a process that loads a model and the service
    code = (
        "import sys; from serve import service; from serve.scoring import loader, scorer; loader.load()\n"
        "print(sorted({'joblib', 'sklearn', 'pandas', 'onnx', 'pyarrow', 'dvc'} & set(sys.modules)))"
    )
    # when
    said = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)
    # then neither the training's packages nor a reader of pickled models is there
    assert said.stdout.strip() == "[]"


def test_no_code_of_the_service_reads_a_pickle_or_a_foreign_archive() -> None:
    # given everything that runs in the service
    root = Path(__file__).resolve().parents[2]
    text = "".join(file.read_text() for file in (root / "serve").rglob("*.py"))
    # then it names no reader of pickles, and none of BentoML's importers, which unpack what they are given
    assert not re.search(r"import (pickle|joblib|cloudpickle|marshal|tarfile)|import_bento|import_model|\.pull\(", text)
