"""Evaluate: the promises about its files, names under the right numbers, and every state a champion can be in."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import small

from stages.core.errors import DataError, ModelError, ParamsError
from stages.core.files import sha256
from stages.evaluate import __main__ as evaluate
from stages.evaluate import sensitive
from stages.evaluate.task import PLOT_COLUMNS

PLOTS = {
    "scores": "model,metric,value,low,high",
    "differences": "against,metric,value,low,high",
    "roc": "model,fpr,tpr",
    "precision_recall": "model,recall,precision",
    "calibration": "group,predicted,observed,low,high,rows",
    "cost": "model,threshold,cost,caught,missed,needless,left",
    "outcomes": "model,cost,caught,missed,needless,left",
    "band": "fpr,low,high",
    "histogram": "low,high,rows",
    "slices": "column,value,rows,rate,predicted,gap,gap_low,gap_high,low,high,auc,baseline_auc",
    "importance": "column,value,low,high",
    "weekly": "week,rows,observed,predicted,gap,gap_low,gap_high,auc,baseline_auc",
    "dependence": "column,value,share,predicted",
    "adjusted": "column,value,rows,observed,predicted",
    "related": "column,other,correlation",
    "shift": "column,psi,chance,missing,missing_test",
    "outcome": "period,split,rows,rate",
}
EMPTY = {name: ",".join(columns) for name, columns in PLOT_COLUMNS.items() if name not in PLOTS}
EMPTY |= {"sensitive": ",".join(sensitive.TABLE)}
"""What other tasks fill, and dvc.yaml draws for all; and groups of persons, of whom this table tells nothing."""


def evaluation(folder: Path = Path()) -> Any:
    """metrics/evaluation.json, in which NaN or Infinity is an error."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in metrics/evaluation.json")

    return json.loads((folder / "metrics/evaluation.json").read_text(), parse_constant=refuse)


def crown(model: Path) -> str:
    """Make the saved model of another repository this one's champion; its version."""
    for name in ("manifest.json", "model.onnx"):
        shutil.copy(model / "model" / name, "model/champion")
    version = str(json.loads((model / "model/manifest.json").read_text())["version"])
    files = {name: sha256(Path("model/champion") / name) for name in ("manifest.json", "model.onnx")}
    Path("model/champion.json").write_text(json.dumps({"version": version, "files": files}))
    return version


def test_the_hold_outs_predictions_say_what_the_model_says(ran: Path) -> None:
    # Given the clean table, the features and the model of a finished run
    clean = pd.read_csv(ran / "data/clean.csv")
    features = pd.read_csv(ran / "data/features.csv")
    predictions = pd.read_csv(ran / "data/predictions.csv", dtype={"champion": str})

    # Then there is a line for each hold-out row, in order, with its label
    assert predictions.columns.tolist() == ["row", "key", "late", "probability", "prediction", "baseline", "champion"]
    assert predictions["row"].tolist() == np.flatnonzero(features["split"] == "test").tolist()
    assert predictions["late"].tolist() == clean.loc[predictions["row"], "late"].tolist()
    assert clean.loc[predictions["row"], "date"].min() >= "2013-11-01"

    # And the model's own probability of the positive class, from the threshold on a warning
    columns = [name for name in features.columns if name not in ("late", "split")]
    said = joblib.load(ran / "model/trained.pkl").predict_proba(features.loc[predictions["row"], columns])[:, 1]
    assert np.abs(predictions["probability"] - said).max() <= 5.1e-10
    assert ((predictions["prediction"] == "yes") == (predictions["probability"] >= 0.2)).all()
    assert predictions["champion"].isna().all()
    assert predictions.loc[predictions["late"] == "yes", "probability"].mean() > predictions["probability"].mean()


def test_the_evaluation_is_whole_and_finite(ran: Path) -> None:
    found = evaluation(ran)
    assert (found["champion"], found["champion_state"]) == ({}, {})
    assert found["block"] == "date"
    assert found["blocks"] == pd.read_csv(ran / "data/clean.csv").query("date >= '2013-11-01'")["date"].nunique()
    assert sum(found["rows"].values()) == len(pd.read_csv(ran / "data/clean.csv"))
    assert sum(found["confusion"].values()) == found["rows"]["test"]
    assert found["threshold"] == 0.2
    assert found["candidate"].keys() == found["baseline"].keys() == found["interval"].keys()
    for name, value in found["candidate"].items():
        assert found["interval"][name]["low"] <= value <= found["interval"][name]["high"]
    assert {gate["result"] for gate in found["gates"].values()} <= {"met", "not met", "undecided", "not applicable"}
    assert found["gates"]["no_worse_than_champion"]["result"] == "not applicable"
    assert found["passed"]


def test_every_plot_has_its_data_with_six_digits_at_most(ran: Path) -> None:
    folder = ran / "metrics/plots"
    assert {path.stem for path in folder.iterdir()} == PLOTS.keys() | EMPTY.keys()
    for name, header in EMPTY.items():
        assert (folder / f"{name}.csv").read_text() == header + "\n"
    for name, header in PLOTS.items():
        lines = (folder / f"{name}.csv").read_text().splitlines()
        assert lines[0] == header
        assert len(lines) > 1
        cells = [cell for line in lines[1:] for cell in line.split(",")]
        assert not {"nan", "inf", "-inf"} & set(cells)
        assert all(len(cell.partition(".")[2]) <= 6 for cell in cells if "e" not in cell)


def test_it_makes_the_same_bytes_again_in_a_process_that_did_other_things_before(ran: Path, repo: Path) -> None:
    evaluate.work()
    for path in sorted(path.relative_to(ran) for path in (ran / "metrics").rglob("*.*")):
        assert (repo / path).read_bytes() == (ran / path).read_bytes(), path
    assert (repo / "data/predictions.csv").read_bytes() == (ran / "data/predictions.csv").read_bytes()


def test_the_candidate_that_is_in_use_is_not_compared_with_itself(repo: Path) -> None:
    # Given a champion of the candidate's version
    version = crown(repo)

    # When it is evaluated
    evaluate.work()

    # Then that is said, and gates against the champion do not apply
    assert evaluation()["champion_state"] == {"same": True, "version": version}
    assert evaluation()["gates"]["no_worse_than_champion"]["result"] == "not applicable"


def test_another_champion_is_scored_on_the_same_rows_through_its_own_form(repo: Path, other: Path) -> None:
    # Given a champion with other trees
    version = crown(other)
    assert version != sha256(repo / "model/trained.pkl")[:12]

    # When the candidate is evaluated
    evaluate.work()

    # Then the champion's probabilities are those its own pickle gives
    predictions = pd.read_csv("data/predictions.csv")
    theirs = pd.read_csv(other / "data/predictions.csv")
    assert (predictions["row"] == theirs["row"]).all()
    assert np.abs(predictions["champion"] - theirs["probability"]).max() <= 1.1e-9
    assert np.abs(predictions["champion"] - predictions["probability"]).max() > 0.01

    # And its scores, the difference and the gate are there
    found = evaluation()
    assert found["champion_state"] == {"version": version}
    assert found["champion"]["auc"] == pytest.approx(evaluation(other)["candidate"]["auc"], abs=1e-6)
    assert found["gates"]["no_worse_than_champion"]["result"] in ("met", "not met", "undecided")
    differences = (
        pd.read_csv("metrics/plots/differences.csv").query("against == 'champion'").set_index("metric")["value"]
    )
    assert differences["auc"] == pytest.approx(found["candidate"]["auc"] - found["champion"]["auc"], abs=2e-6)
    assert set(pd.read_csv("metrics/plots/scores.csv")["model"]) == {"candidate", "champion", "baseline", "constant"}
    for name in ("slices", "weekly"):
        assert pd.read_csv(f"metrics/plots/{name}.csv")["champion_auc"].notna().any()


@pytest.mark.usefixtures("repo")
def test_a_champion_with_its_own_features_is_scored_under_todays(other: Path) -> None:
    # Given a champion made with features that today's definition does not have
    crown(other)
    features = json.loads(Path("data/features.json").read_text())
    assert "plane_age" in [column["name"] for column in features["columns"]]
    today = pd.read_csv("data/features.csv", dtype=str, keep_default_na=False)
    today.assign(plane_age="").to_csv("data/features.csv", index=False)

    # When the candidate is evaluated
    evaluate.work()

    # Then the champion still sees its own, made from the clean rows
    theirs = pd.read_csv(other / "data/predictions.csv")["probability"]
    assert np.abs(pd.read_csv("data/predictions.csv")["champion"] - theirs).max() <= 1.1e-9


@pytest.mark.usefixtures("repo")
def test_a_champion_whose_inputs_are_gone_is_not_compared_and_they_are_named(other: Path) -> None:
    # Given a champion, and a clean table where one of its inputs is none any more, and one is a number no longer
    version = crown(other)
    schema = json.loads(Path("data/schema.json").read_text())
    for column in schema["columns"]:
        if column["name"] == "temp":
            column["role"] = "id"
        if column["name"] == "seats":
            column["type"] = "category"
    Path("data/schema.json").write_text(json.dumps(schema))

    # When the candidate is evaluated
    evaluate.work()

    # Then the comparison says so by name
    found = evaluation()["champion_state"]
    assert found["version"] == version
    assert "temp, seats" in found["incomparable"]
    assert evaluation()["gates"]["no_worse_than_champion"]["result"] == "not applicable"
    assert pd.read_csv("data/predictions.csv")["champion"].isna().all()


def test_a_damaged_champion_stops_the_stage_and_touches_nothing(ran: Path, repo: Path, other: Path) -> None:
    # Given a champion whose ONNX form is cut short
    crown(other)
    onnx = repo / "model/champion/model.onnx"
    onnx.write_bytes(onnx.read_bytes()[:1000])

    # Then no comparison with something else is made
    with pytest.raises(ModelError, match=r"model/champion/model.onnx is missing or not the file"):
        evaluate.work()
    assert evaluation() == evaluation(ran)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("baseline: [carrier, hour]", "baseline: [carier]", "evaluate.baseline: .* 'carier'. Did you mean 'carrier'"),
        ("slices: [origin, carrier, hour]", "slices: [orign]", "evaluate.slices: .* 'orign'. Did you mean 'origin'"),
        ("block: date", "block: dat", "evaluate.block: .* 'dat'. Did you mean 'date'"),
        ("draws: 100", "draws: 10", "evaluate.draws"),
        ("confidence: 0.95", "confidence: 95", "evaluate.confidence"),
        ("metric: auc, low_above: 0.5", "metric: au, low_above: 0.5", "no metric 'au' for a binary target"),
        ("metric: auc, low_above: 0.5", "metric: auc, lo_above: 0.5", "'lo_above'. Did you mean 'low_above'"),
        ("cost_of_miss: 4", "cost_of_miss: null", "cost_of_miss and cost_of_false_alarm belong together"),
        ("auc, against: baseline", "auc, against: basline", "evaluate.gates.*against"),
    ],
)  # fmt: skip
def test_params_that_fit_nothing_are_refused(repo: Path, old: str, new: str, said: str) -> None:
    small.edit(repo / "params.yaml", old, new)
    with pytest.raises(ParamsError, match=said):
        evaluate.work()


def test_too_few_blocks_to_resample_are_refused(repo: Path) -> None:
    # Given a hold-out in three origins
    small.edit(repo / "params.yaml", "block: date", "block: origin")

    # Then no interval is made up from them
    with pytest.raises(DataError, match="the hold-out has only 3 values of origin, too few to resample"):
        evaluate.work()


def test_rows_may_be_resampled_one_by_one_where_they_stand_alone(repo: Path) -> None:
    # Given no block
    small.edit(repo / "params.yaml", "block: date", 'block: ""')

    # When it is evaluated
    evaluate.work()

    # Then each row is its own
    assert evaluation()["block"] == "row"
    assert evaluation()["blocks"] == evaluation()["rows"]["test"]


def test_blocks_may_be_hours_in_utc(repo: Path) -> None:
    small.edit(repo / "params.yaml", "block: date", "block: time_hour")
    evaluate.work()
    assert pd.read_csv("metrics/plots/weekly.csv")["rows"].sum() == evaluation()["rows"]["test"]


def test_without_the_columns_of_a_baseline_it_is_one_rate(repo: Path) -> None:
    small.edit(repo / "params.yaml", "baseline: [carrier, hour]", "baseline: []")
    evaluate.work()
    found = evaluation()
    assert found["baseline"]["auc"] == 0.5
    assert pd.read_csv("data/predictions.csv")["baseline"].nunique() == 1
    assert math.isclose(pd.read_csv("data/predictions.csv")["baseline"][0], found["rate"]["train"], abs_tol=1e-6)


@pytest.mark.parametrize(
    ("damage", "said"), [("missing", "is missing"), ("cut", "is damaged"), ("emptied", "is damaged")]
)
def test_a_model_that_cannot_be_read_is_named(repo: Path, damage: str, said: str) -> None:
    model = repo / "model/trained.pkl"
    content = model.read_bytes()
    model.unlink()
    if damage != "missing":
        model.write_bytes(content[:5000] if damage == "cut" else b"")
    with pytest.raises(ModelError, match=f"model/trained.pkl {said}.* Run `dvc repro"):
        evaluate.work()


def test_tables_of_different_runs_are_refused(repo: Path) -> None:
    lines = (repo / "data/features.csv").read_text().splitlines(keepends=True)
    (repo / "data/features.csv").write_text("".join(lines[:-1]))
    with pytest.raises(DataError, match=r"data/clean.csv has 4,094 rows, data/features.csv 4,093"):
        evaluate.work()


def test_only_the_hold_out_is_scored(ran: Path, copy: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    # Given the validation rows' labels turned round
    folder = copy()
    monkeypatch.chdir(folder)
    rows = pd.read_csv("data/features.csv", dtype=str, keep_default_na=False)
    part = rows["split"] == "validation"
    rows.loc[part, "late"] = rows.loc[part, "late"].map({"yes": "no", "no": "yes"})
    rows.to_csv("data/features.csv", index=False)

    # When it is evaluated
    evaluate.work()

    # Then no score knows of it
    assert evaluation()["candidate"] == evaluation(ran)["candidate"]
    assert evaluation()["baseline"] == evaluation(ran)["baseline"]
