"""Evaluate for every task: what it writes, cross-validation of small tables, rows that define nothing, a champion."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score, roc_auc_score
from small import ENVIRONMENT, ROOT
from threadpoolctl import threadpool_limits

from stages.core.errors import DataError, ParamsError
from stages.core.files import sha256
from stages.core.params import read as read_params
from stages.evaluate import __main__ as evaluate
from stages.evaluate import gates
from stages.save import __main__ as save
from stages.train import __main__ as train
from stages.transform.split import split_rows
from stages.transform.split_rule import Split, SplitRule

AGAINST_CHAMPION = {"level": "must", "metric": "auc", "against": "champion"}
CLASSES = {"binary": ["no", "yes"], "multiclass": ["a, b", "c", "d"], "regression": []}
RULE = SplitRule(Split(by="hash", validation=0.2, test=0.2), ["x", "noise"], dict.fromkeys(["x", "noise"], "number"))
PRIMARY = {"binary": "auc", "multiclass": "accuracy", "regression": "mae"}
COMMON = {
    *("scores", "differences", "slices", "importance", "weekly", "outcome"),
    *("dependence", "adjusted", "shift"),
}
OWN = {
    "binary": {"roc", "precision_recall", "cost", "calibration", "outcomes", "band", "histogram"},
    "multiclass": {"confusion", "classes", "calibration", "abstain", "histogram"},
    "regression": {"errors", "calibration", "actual_predicted", "tolerance", "levels", "sides", "correction"},
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tables as small as these are fitted faster by one thread than by several that wait for each other."""
    with threadpool_limits(1):
        yield


def table(task: str, rows: int, seed: int = 7) -> pd.DataFrame:
    """Rows with two numbers, a category, a day and a target that they tell something of."""
    make = np.random.default_rng(seed)
    x, noise = make.normal(size=rows), make.normal(size=rows)
    kind = make.choice(["red", "green"], rows)
    level = 2 * x + (kind == "red") + noise
    targets = {
        "binary": np.where(level > 0.5, "yes", "no"),
        "multiclass": np.array(CLASSES["multiclass"])[np.digitize(level, [-1, 1.5])],
        "regression": (10 * level).round(3),
    }
    day = pd.date_range("2024-01-01", periods=40)[np.arange(rows) % 40]
    return pd.DataFrame({"x": x, "noise": noise, "kind": kind, "day": day, "target": targets[task]})


def column(name: str, kind: str, role: str) -> dict[str, Any]:
    """A column of data/schema.json."""
    return {"name": name, "type": kind, "role": role, "nullable": False, "from": "t", "reason": ""}


def write(folder: Path, task: str, rows: pd.DataFrame, part: Any, classes: list[str] | None = None, **own: Any) -> None:
    """All that train and evaluate read, in that folder; `own` goes into the section evaluate."""
    for name in ("data/raw", "model/champion", "metrics"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "packages.json", folder)
    shutil.copy(ROOT / "requirements.txt", folder)
    number = "number" if task == "regression" else "category"
    columns = [column("x", "number", "input"), column("noise", "number", "input"), column("kind", "category", "input")]
    target = {"name": "target", "classes": CLASSES[task] if classes is None else classes, "definition": ""}
    schema = {
        "table": "t",
        "task": task,
        "key": [],
        "target": {**target, "positive": "yes" if task == "binary" else None, "type": number},
        "columns": [*columns, column("day", "date", "id"), column("target", number, "target")],
    }
    features = [{"name": "x", "type": "number"}, {"name": "noise", "type": "number"}]
    files = {
        "data/schema.json": schema,
        "data/features.json": {
            "derive": [],
            "columns": [*features, {"name": "kind", "type": "category"}],
            "rule": msgspec.to_builtins(RULE),
        },
        "data/raw/manifest.json": {"files": []},
        "model/champion.json": {"version": None},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    rows.to_csv(folder / "data/clean.csv", index=False)
    rows.drop(columns="day").assign(split=part).to_csv(folder / "data/features.csv", index=False)
    settings = {"draws": 100, "baseline": ["kind"], "slices": ["kind"], "min_slice": 20, "importance_repeats": 2}
    params = read_params(ROOT / "params.yaml")
    params["train"] = {"max_rounds": 20, "step": 10, "min_samples_leaf": 5}
    params["evaluate"] = {"gates": {}, **settings, **own}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def parts(rows: int, seed: int = 1) -> Any:
    """A part for each row, by chance."""
    return np.random.default_rng(seed).choice(["train", "validation", "test"], rows, p=[0.6, 0.2, 0.2])


def here(folder: Path, monkeypatch: pytest.MonkeyPatch, task: str, rows: int = 600, **own: Any) -> Path:
    """A folder in which a model of the task is trained, and which is the current one."""
    made = table(task, rows)
    write(folder / task, task, made, split_rows(made, RULE), **own)
    monkeypatch.chdir(folder / task)
    train.work()
    return folder / task


def evaluation() -> Any:
    """metrics/evaluation.json, in which NaN or Infinity is an error."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in metrics/evaluation.json")

    return json.loads(Path("metrics/evaluation.json").read_text(), parse_constant=refuse)


def plot(name: str) -> pd.DataFrame:
    """A plot's table."""
    return pd.read_csv(f"metrics/plots/{name}.csv")


def crown() -> None:
    """Save the candidate, make it the champion, and train another candidate."""
    save.work()
    for name in ("manifest.json", "model.onnx"):
        shutil.copy(f"model/{name}", "model/champion")
    files = {name: sha256(Path("model/champion") / name) for name in ("manifest.json", "model.onnx")}
    version = json.loads(Path("model/manifest.json").read_text())["version"]
    Path("model/champion.json").write_text(json.dumps({"version": version, "files": files}))
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text.replace("max_rounds: 20", "max_rounds: 10"))
    train.work()


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("folds", [0, 3])
def test_every_task_has_its_metrics_plots_and_finite_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str, folds: int
) -> None:
    # Given a trained model of the task, a tolerance and costs where it is a number
    own = {"tolerance": 10.0, "cost_of_over": 1.0, "cost_of_under": 4.0} if task == "regression" else {}
    here(tmp_path, monkeypatch, task, rows=2000, block="day", folds=folds, repeats=2, **own)

    # When it is evaluated, twice
    evaluate.work()
    written = {path: path.read_bytes() for path in sorted(Path().rglob("metrics/**/*.*"))}
    evaluate.work()

    # Then the metrics are all those that may be gates, and each lies in its interval
    found = evaluation()
    assert (found["task"], found["primary"]) == (task, PRIMARY[task])
    assert found["candidate"].keys() == gates.NAMES[task].keys()
    for name, value in found["candidate"].items():
        assert found["interval"][name]["low"] <= value <= found["interval"][name]["high"], name

    # And the candidate is better than the baseline, and the column that matters comes first
    better = plot("differences").set_index(["against", "metric"])["value"]["baseline", PRIMARY[task]]
    assert better < 0 if task == "regression" else better > 0
    assert plot("importance")["column"][0] == "x"

    # And every plot is there, only those of other tasks without rows
    for path in Path("metrics/plots").iterdir():
        assert bool(len(plot(path.stem))) == (path.stem in COMMON | OWN[task]), path
    assert COMMON | OWN[task] <= {path.stem for path in Path("metrics/plots").iterdir()}
    assert plot("slices")["rows"].sum() == plot("weekly")["rows"].sum() == (2000 if folds else found["rows"]["test"])

    # And the second time it is the same bytes
    assert {path: path.read_bytes() for path in written} == written


@pytest.mark.parametrize("folds", [0, 5])
def test_predictions_of_several_classes_are_the_saved_candidates_for_the_hold_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folds: int
) -> None:
    # Given a model of three classes, one with a comma in its name
    here(tmp_path, monkeypatch, "multiclass", folds=folds)

    # When it is evaluated
    evaluate.work()

    # Then each hold-out row has its class, the likeliest class, and a probability for each in the schema's order
    rows = pd.read_csv("data/features.csv").query("split == 'test'")
    said = pd.read_csv("data/predictions.csv")
    shown = [f"probability_{name}" for name in CLASSES["multiclass"]]
    assert said.columns.tolist() == ["row", "key", "target", "prediction", *shown, "baseline", "champion"]
    assert said["row"].tolist() == rows.index.tolist()
    assert said["target"].tolist() == rows["target"].tolist()
    expected = joblib.load("model/trained.pkl").predict_proba(rows[["x", "noise", "kind"]])
    assert np.abs(said[shown].to_numpy() - expected).max() <= 5.1e-10
    likeliest = np.array(CLASSES["multiclass"])[said[shown].to_numpy().argmax(axis=1)]
    assert (said["prediction"] == likeliest).all()
    assert set(said["baseline"]) <= set(CLASSES["multiclass"])

    # And without folds the metrics are those of these rows
    if not folds:
        found = evaluation()["candidate"]
        assert found["accuracy"] == pytest.approx(accuracy_score(said["target"], said["prediction"]), abs=1e-6)
        assert found["log_loss"] == pytest.approx(log_loss(said["target"], expected), abs=1e-6)
        assert plot("confusion")["rows"].sum() == len(rows)


def test_predicted_values_have_an_interval_whose_coverage_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a model of a number
    here(tmp_path, monkeypatch, "regression", tolerance=5.0)

    # When it is evaluated
    evaluate.work()

    # Then each row has a value with the interval that train measured about it
    said, found = pd.read_csv("data/predictions.csv"), evaluation()
    assert said.columns.tolist() == ["row", "key", "target", "prediction", "low", "high", "baseline", "champion"]
    interval = json.loads(Path("metrics/train.json").read_text())["interval"]
    for end, sign in (("below", -1), ("above", 1)):
        reach = np.interp(said["prediction"], interval["at"], interval[end])
        column = said["low" if end == "below" else "high"]
        assert column.to_numpy() == pytest.approx((said["prediction"] + sign * reach).to_numpy())

    # And the scores are those of these rows
    inside = (said["low"] <= said["target"]) & (said["target"] <= said["high"])
    assert found["candidate"]["coverage"] == pytest.approx(inside.mean(), abs=1e-6)
    assert found["candidate"]["mae"] == pytest.approx(mean_absolute_error(said["target"], said["prediction"]), abs=1e-5)
    assert found["candidate"]["r2"] == pytest.approx(r2_score(said["target"], said["prediction"]), abs=1e-5)
    assert found["candidate"]["within"] == pytest.approx(
        ((said["prediction"] - said["target"]).abs() <= 5).mean(), abs=1e-6
    )
    assert found["interval_share"] == 0.8
    assert "coverage" not in found["baseline"]

    # And the groups of rising prediction hold it together, the worst of them as the metric says
    groups = plot("calibration")
    assert groups["predicted"].is_monotonic_increasing
    assert np.average(groups["observed"], weights=groups["rows"]) == pytest.approx(inside.mean(), abs=1e-5)
    assert groups["observed"].min() == found["candidate"]["worst_coverage"]


@pytest.mark.parametrize("task", CLASSES)
def test_in_folds_every_row_is_scored_by_models_that_never_saw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    # Given a target that nothing tells of, so that only a model that saw a row could know
    rows = table(task, 200).assign(x=np.random.default_rng(1).normal(size=200), kind="red", noise=0.0)
    write(tmp_path / task, task, rows, parts(200), folds=5, repeats=2, baseline=[], slices=[])
    monkeypatch.chdir(tmp_path / task)
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then the scores know nothing either, come from all rows, and say so
    found = evaluation()
    told = {"binary": ("auc", 0.35, 0.65), "multiclass": ("auc", 0.35, 0.65), "regression": ("r2", -1.5, 0.1)}[task]
    assert told[1] < found["candidate"][told[0]] < told[2]
    estimate = found["estimate"]
    assert {name: estimate[name] for name in ("by", "folds", "repeats", "rows")} == {
        "by": "cross-validation",
        "folds": 5,
        "repeats": 2,
        "rows": 200,
    }
    assert estimate["hold_out"]["rows"] == found["rows"]["test"]
    assert estimate["hold_out"]["candidate"].keys() == found["candidate"].keys()
    assert found["blocks"] == 200
    assert len(pd.read_csv("data/predictions.csv")) == found["rows"]["test"]

    # And every prediction is written with its repeat and fold, so that the scores can be computed from them again
    each = pd.read_csv("data/out_of_fold.csv")
    assert each[["repeat", "row"]].value_counts().tolist() == [1] * 400
    assert each.groupby("repeat")["fold"].nunique().tolist() == [5, 5]
    if task == "binary":
        score = roc_auc_score(each["target"] == "yes", each["probability"])
    elif task == "multiclass":
        score = accuracy_score(each["target"], each["prediction"])
    else:
        score = mean_absolute_error(each["target"], each["prediction"])
    assert score == pytest.approx(found["candidate"][PRIMARY[task]], abs=1e-5)

    # And a constant baseline ranks like chance, not worse
    if task != "regression":
        assert found["baseline"]["auc"] == 0.5


@pytest.mark.parametrize("task", CLASSES)
def test_in_folds_the_champion_is_compared_on_the_hold_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    # Given an approved model and another candidate, and a gate on their difference
    metric = PRIMARY[task]
    bound = {"high_below": 100.0} if task == "regression" else {"low_above": -1.0}
    gate = {"level": "must", "metric": metric, "against": "champion", **bound}
    here(tmp_path, monkeypatch, task, folds=3, repeats=2, gates={"no_worse": gate})
    evaluate.work()
    crown()

    # When it is evaluated
    evaluate.work()

    # Then the difference is that of the hold-out rows, whatever the folds say of the candidate
    found, said = evaluation(), pd.read_csv("data/predictions.csv")
    alone = found["estimate"]["hold_out"]["candidate"][metric]
    if task == "binary":
        expected = {name: roc_auc_score(said["target"] == "yes", said[name]) for name in ("probability", "champion")}
    elif task == "multiclass":
        expected = {name: accuracy_score(said["target"], said[name]) for name in ("prediction", "champion")}
    else:
        expected = {name: mean_absolute_error(said["target"], said[name]) for name in ("prediction", "champion")}
    mine, theirs = expected.values()
    assert alone == pytest.approx(mine, abs=1e-5)
    assert found["champion"][metric] == pytest.approx(theirs, abs=1e-5)
    differences = plot("differences").set_index(["against", "metric"])["value"]
    assert differences["champion", metric] == pytest.approx(mine - theirs, abs=2e-5)
    assert differences["champion", metric] != 0
    assert differences["baseline", metric] == pytest.approx(
        found["candidate"][metric] - found["baseline"][metric], abs=2e-5
    )
    assert found["gates"]["no_worse"]["result"] == "met"
    if task == "regression":
        assert "coverage" in found["champion"]


def test_nothing_is_compared_on_rows_that_the_champion_has_learnt_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an approved model, and a hold-out that has grown by rows it was fitted on
    here(tmp_path, monkeypatch, "binary", gates={"no_worse": {**AGAINST_CHAMPION, "low_above": -1.0}})
    evaluate.work()
    crown()
    rows = pd.read_csv("data/features.csv")
    old = rows.index[rows["split"] == "test"]
    moved = rows.index[rows["split"] == "train"][::4]
    rows.assign(split=rows["split"].where(~rows.index.isin(moved), "test")).to_csv("data/features.csv", index=False)
    train.work()

    # When the candidate is evaluated
    evaluate.work()

    # Then both are compared on the rows that neither has seen, with the number said, and scored on all elsewhere
    found, said = evaluation(), pd.read_csv("data/predictions.csv").set_index("row")
    unseen = said.loc[old]
    mine = roc_auc_score(unseen["target"] == "yes", unseen["probability"])
    assert found["rows"]["test"] == len(old) + len(moved) == len(said)
    assert found["champion_state"]["rows"] == len(old)
    assert found["champion_state"]["candidate"]["auc"] == pytest.approx(mine, abs=1e-5)
    assert found["candidate"]["auc"] != pytest.approx(mine, abs=1e-5)
    difference = plot("differences").set_index(["against", "metric"])["value"]["champion", "auc"]
    assert difference == pytest.approx(mine - found["champion"]["auc"], abs=2e-5)
    assert found["gates"]["no_worse"]["value"] == pytest.approx(difference, abs=1e-5)

    # And no table holds its predictions for the others
    assert said["champion"].isna().all()
    assert "champion_auc" not in plot("slices")


def test_a_champion_of_which_nobody_knows_what_it_has_learnt_from_is_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an approved model, and a table without a column that its rows were split by
    here(tmp_path, monkeypatch, "binary")
    features = json.loads(Path("data/features.json").read_text())
    features["rule"]["key"] = ["number of the case"]
    Path("data/features.json").write_text(json.dumps(features))
    evaluate.work()
    crown()

    # When the candidate is evaluated, then that is said
    evaluate.work()
    assert evaluation()["champion_state"]["incomparable"] == (
        "its rows were split by number of the case, which the clean table lacks or has as another type"
    )


def test_a_hold_out_too_small_to_compare_on_is_said_and_the_folds_still_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an approved model, and a table of 120 rows of which four are held out
    here(tmp_path, monkeypatch, "multiclass", folds=3)
    evaluate.work()
    crown()
    rows = pd.read_csv("data/features.csv")
    others = rows.index[rows["split"] == "test"][4:]
    rows.assign(split=rows["split"].where(~rows.index.isin(others), "train")).to_csv("data/features.csv", index=False)

    # When it is evaluated
    evaluate.work()

    # Then there is an estimate, and the champion is not compared on four rows
    found = evaluation()
    assert found["candidate"]["accuracy"] > 0.5
    assert "only 4 are surely new to it, in 4 blocks: too few" in found["champion_state"]["incomparable"]
    assert "champion" not in plot("differences")["against"].tolist()


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_whole_blocks_are_left_out_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    # Given rows whose target is their block's own, which another row of the block gives away
    make = np.random.default_rng(7)
    rows = table(task, 400)
    of = np.arange(400) % 40
    own = make.permutation(40)
    rows["x"] = own[of] + 0.0
    rows["target"] = np.where((own % 2)[of] == 1, "yes", "no") if task == "binary" else make.normal(size=40)[of]
    rows["noise"], rows["kind"] = 0.0, "red"
    write(tmp_path / task, task, rows, parts(400), block="day", folds=5, baseline=[], slices=[])
    monkeypatch.chdir(tmp_path / task)
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then nothing is gained from them
    found = evaluation()
    assert found["blocks"] == 40
    assert found["candidate"]["auc" if task == "binary" else "r2"] < (0.75 if task == "binary" else 0.2)


def test_folds_are_refused_where_the_split_is_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a hold-out that lies after all other rows
    rows = table("binary", 300).sort_values("day").reset_index(drop=True)
    day = rows["day"].dt.day + 31 * (rows["day"].dt.month - 1)
    part = np.where(day > 32, "test", np.where(day > 25, "validation", "train"))
    write(tmp_path / "t", "binary", rows, part, folds=5)
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # Then folds would let a model learn from later rows
    with pytest.raises(ParamsError, match=r"evaluate.folds: 5, but the split is by time: .* by 'day'"):
        evaluate.work()


@pytest.mark.parametrize(
    ("own", "error", "said"),
    [
        ({"folds": 1}, ParamsError, "evaluate.folds: 1 fold leaves no row to fit on"),
        ({"folds": 101}, ParamsError, "evaluate.folds"),
        ({"folds": 41, "block": "day"}, DataError, "40 groups of rows that belong together cannot make 41 folds"),
        ({"repeats": 0}, ParamsError, "evaluate.repeats"),
        ({"cost_of_over": 2}, ParamsError, "cost_of_over and cost_of_under belong together"),
        ({"cost_of_under": 0, "cost_of_over": 1}, ParamsError, "evaluate.cost_of_under"),
        ({"gates": {"g": {"level": "must", "metric": "cost", "low_above": 0}}}, ParamsError, "evaluate.cost_of_over"),
        ({"tolerance": -1}, ParamsError, "evaluate.tolerance"),
        ({"gates": {"g": {"level": "must", "metric": "auc", "low_above": 0}}}, ParamsError, "no metric 'auc'"),
        ({"gates": {"g": {"level": "must", "metric": "within", "low_above": 0}}}, ParamsError, "evaluate.tolerance"),
    ],
)
def test_settings_that_fit_nothing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], error: type[Exception], said: str
) -> None:
    here(tmp_path, monkeypatch, "regression", rows=200, **own)
    with pytest.raises(error, match=said):
        evaluate.work()


def test_a_hold_out_without_one_of_the_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a class that no hold-out row has
    rows = table("multiclass", 400)
    part = np.where((rows["target"] == "d") & (parts(400) == "test"), "train", parts(400))
    write(tmp_path / "t", "multiclass", rows, part)
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then it has no recall, and all else is known
    assert all(value is not None for value in evaluation()["candidate"].values())
    last = plot("classes").set_index("class").loc["d"]
    assert last["rows"] == 0
    assert np.isnan(last["recall"])
    assert np.isnan(last["auc"])


def test_forty_classes_one_hold_out_row_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given forty classes of five rows
    classes = sorted(f"class {number:02}" for number in range(40))
    rows = table("multiclass", 200).assign(target=np.repeat(classes, 5), x=np.repeat(np.arange(40.0), 5))
    part = np.tile(["train", "train", "train", "validation", "test"], 40)
    write(tmp_path / "t", "multiclass", rows, part, classes=classes)
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then every score is finite and every pair of classes is in the table
    found = evaluation()
    assert found["rows"]["test"] == 40
    assert all(value is not None for value in found["candidate"].values())
    assert len(plot("confusion")) == 1600
    assert len(found["share"]["test"]) == 40


def test_a_hold_out_of_one_value_has_no_r2_and_a_gate_on_it_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a hold-out whose target is always 3
    rows = table("regression", 300)
    part = parts(300)
    rows.loc[part == "test", "target"] = 3.0
    gate = {"level": "must", "metric": "r2", "low_above": 0.0}
    write(tmp_path / "t", "regression", rows, part, gates={"explains": gate})
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then R² is not known, nor met
    found = evaluation()
    assert found["candidate"]["r2"] is None
    assert found["candidate"]["mae"] > 0
    assert found["gates"]["explains"]["result"] == "undecided"
    assert not found["passed"]
    assert "importance" in {path.stem for path in Path("metrics/plots").iterdir()}


def test_a_small_target_keeps_its_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given values of the size of 0.00001
    rows = table("regression", 300)
    rows["target"] = rows["target"] * 1e-6
    write(tmp_path / "t", "regression", rows, parts(300))
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # When it is evaluated
    evaluate.work()

    # Then its errors are not rounded to nothing
    said = pd.read_csv("data/predictions.csv")
    assert evaluation()["candidate"]["mae"] == pytest.approx(
        mean_absolute_error(said["target"], said["prediction"]), rel=1e-3
    )


def test_a_constant_prediction_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given inputs that tell nothing at all
    rows = table("multiclass", 300).assign(x=1.0, noise=1.0, kind="red")
    write(tmp_path / "t", "multiclass", rows, parts(300))
    monkeypatch.chdir(tmp_path / "t")
    train.work()

    # When the model of them is evaluated
    evaluate.work()

    # Then it ranks like chance, in one group
    assert evaluation()["candidate"]["auc"] == 0.5
    assert len(plot("calibration")) == 1
    assert plot("abstain").query("model == 'candidate'")["answered"].tolist() == [1.0]


def test_no_slice_large_enough_leaves_a_table_with_its_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(tmp_path, monkeypatch, "regression", rows=200, min_slice=5000)
    evaluate.work()
    assert plot("slices").columns.tolist() == [
        *("column", "value", "rows", "mean", "predicted", "gap", "gap_low", "gap_high"),
        *("low", "high", "mae", "baseline_mae"),
    ]


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_the_plots_of_dvc_are_drawn_without_a_word_of_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    # Given a run of the task in a repository with the shipped plots
    folder = here(tmp_path, monkeypatch, task)
    evaluate.work()
    shipped = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    stage = {"cmd": "true", "outs": [{"metrics/plots": {"cache": False}}]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"evaluate": stage}, "plots": shipped["plots"]}))
    subprocess.run(["git", "init", "--quiet"], cwd=folder, env=ENVIRONMENT, check=True)
    subprocess.run(["dvc", "init", "--quiet"], cwd=folder, env=ENVIRONMENT, check=True)
    shutil.copytree(ROOT / ".dvc/plots", folder / ".dvc/plots", dirs_exist_ok=True)

    # When DVC draws them
    done = subprocess.run(
        ["dvc", "plots", "show"], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )

    # Then none fails, and none lacks a field
    assert done.returncode == 0
    assert not any(word in done.stdout + done.stderr for word in ("failed", "WARNING", "could not"))


@pytest.mark.parametrize(("by_time", "most", "fitted"), [(True, 150, 150), (True, 10_000, 240), (False, 150, None)])
def test_a_random_split_is_tried_only_where_the_split_is_by_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_time: bool, most: int, fitted: int | None
) -> None:
    # Given rows of forty days, the parts following each other or dealt out, when they are evaluated
    rows = table("binary", 400)
    part = parts(400)
    if by_time:
        rows = rows.sort_values("day", kind="stable").reset_index(drop=True)
        days = rows["day"].rank(method="dense")
        part = np.where(days <= 24, "train", np.where(days <= 32, "validation", "test"))
    write(tmp_path / "a", "binary", rows, part, random_split_rows=most)
    monkeypatch.chdir(tmp_path / "a")
    train.work()
    evaluate.work()

    # Then the recipe was fitted on as many rows as the candidate at most, and scored on others
    found = evaluation()["random_split"]
    if fitted is None:
        assert found is None
    else:
        assert found["fitted"] == fitted
        assert found["scored"] == 400 - fitted
        assert 0.5 < found["score"] <= 1
