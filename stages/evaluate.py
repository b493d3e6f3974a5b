"""Evaluate: how good the candidate is on rows it never saw, against the baseline and the champion, and by its gates.

Reads `model/trained.pkl`, `data/features.csv`, `data/clean.csv` and the champion. Writes `metrics/evaluation.json`, the
data of every plot in `metrics/plots/`, and `data/predictions.csv`. The hold-out rows are looked at here only.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import joblib
import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from stages import baseline, champion, definition, gates, groups, params, run, schema, tables
from stages.errors import DataError, ModelError, ParamsError, did_you_mean
from stages.files import rounded, sha256, write_json
from stages.gates import Gate
from stages.saved import VERSION_DIGITS, probabilities
from stages.scores import Costs, Floats, Labels, resamples, scores
from stages.scores import groups as risk_groups

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
PREDICTIONS = Path("data/predictions.csv")
METRICS = Path("metrics/evaluation.json")
PLOTS = Path("metrics/plots")
CURVE_POINTS = 200

Positive = Annotated[int, msgspec.Meta(ge=1)]
Measured = dict[str, dict[str, float]]


class Evaluate(params.Params, frozen=True):
    """The section `evaluate` of params.yaml."""

    baseline: list[str]
    gates: dict[str, Gate]
    block: str = ""
    draws: Annotated[int, msgspec.Meta(ge=100)] = 500
    confidence: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.95
    cost_of_miss: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    cost_of_false_alarm: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    slices: list[str] = []
    min_slice: Positive = 500
    importance_rows: Positive = 20_000
    importance_repeats: Positive = 5
    seed: int = 7

    @property
    def costs(self) -> Costs:
        """The two costs together."""
        return Costs(self.cost_of_miss, self.cost_of_false_alarm)

    @property
    def tails(self) -> tuple[float, float]:
        """The two quantiles between which the interval lies."""
        return (1 - self.confidence) / 2, (1 + self.confidence) / 2


def check_columns(section: Evaluate, columns: schema.Schema) -> None:
    """Raise ParamsError for a column that the clean table does not have."""
    wanted = {"baseline": section.baseline, "slices": section.slices, "block": [section.block] if section.block else []}
    for where, names in wanted.items():
        for name in names:
            if name not in columns.types:
                near = did_you_mean(name, columns.types)
                raise ParamsError(f"params.yaml: evaluate.{where}: data/clean.csv has no column '{name}'.{near}")


def champion_scores(rows: pd.DataFrame, columns: schema.Schema, candidate: str) -> tuple[Floats | None, dict[str, Any]]:
    """The champion's probabilities for the rows, where it can be compared, and what evaluation.json says of it."""
    version = champion.version()
    if version is None:
        return None, {}
    if version == candidate:
        return None, {"same": True, "version": version}
    manifest = champion.verified()
    lacking = champion.lacking(manifest, columns)
    if lacking:
        said = f"the clean table no longer has its inputs {', '.join(lacking)}, or has them with another type"
        return None, {"incomparable": said, "version": version}
    onnx = champion.FOLDER / "model.onnx"
    return probabilities(manifest, onnx, rows, columns.types).round(9), {"version": version}


def measured(drawn: dict[str, Floats], point: dict[str, Floats], tails: tuple[float, float]) -> Measured:
    """{metric: {value, low, high}}: the value on the rows as they are, and the interval over the draws."""
    made = {}
    for name, values in drawn.items():
        low, high = np.nanquantile(values, tails)
        made[name] = {"value": float(point[name][0]), "low": float(low), "high": float(high)}
    return made


def compare(
    labels: Labels, models: dict[str, Floats], blocks: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], section: Evaluate
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Each model's scores with intervals, and the candidate's differences to each other one, paired draw by draw."""
    of_row, weights = blocks
    once = np.ones((1, weights.shape[1]), dtype=np.int64)
    drawn = {name: scores(labels, scored, of_row, weights, section.costs) for name, scored in models.items()}
    point = {name: scores(labels, scored, of_row, once, section.costs) for name, scored in models.items()}
    each = {name: measured(drawn[name], point[name], section.tails) for name in models}
    differences = {
        name: measured(
            {metric: drawn["candidate"][metric] - values for metric, values in drawn[name].items()},
            {metric: point["candidate"][metric] - values for metric, values in point[name].items()},
            section.tails,
        )
        for name in models
        if name != "candidate"
    }
    return each, differences


def judged(section: Evaluate, each: dict[str, Measured], differences: dict[str, Measured]) -> dict[str, dict[str, Any]]:
    """Every gate's result; a gate against a model that is not there does not apply."""
    results = {}
    for name, gate in section.gates.items():
        values = differences.get(gate.against) if gate.against else each["candidate"]
        results[name] = gates.judge(gate, values[gate.metric] if values else None)
    return results


def importance(model: Any, rows: pd.DataFrame, labels: Labels, section: Evaluate) -> list[dict[str, Any]]:
    """Drop in AUC when one feature is shuffled among some hold-out rows: the mean, least and most over the repeats."""
    random = np.random.default_rng(section.seed)
    size = min(section.importance_rows, len(rows))
    chosen = np.sort(random.choice(len(rows), size=size, replace=False))
    encode, boost = model["encode"], model["boost"]
    found = permutation_importance(
        boost,
        encode.transform(rows.iloc[chosen]),
        labels[chosen],
        scoring="roc_auc",
        n_repeats=section.importance_repeats,
        random_state=section.seed,
    )
    table = [
        {"column": str(name), "value": float(drops.mean()), "low": float(drops.min()), "high": float(drops.max())}
        for name, drops in zip(encode.get_feature_names_out(), found.importances, strict=True)
    ]
    return sorted(table, key=lambda row: (-row["value"], row["column"]))


def curves(labels: Labels, models: dict[str, Floats], costs: Costs) -> dict[str, list[dict[str, Any]]]:
    """The data of the ROC, precision-recall and cost curves of each model."""
    roc, recall, cost = [], [], []
    for name, scored in models.items():
        fpr, tpr, _ = roc_curve(labels, scored)
        for at in _thin(len(fpr)):
            roc.append({"model": name, "fpr": float(fpr[at]), "tpr": float(tpr[at])})
        precisions, recalls, _ = precision_recall_curve(labels, scored)
        for at in _thin(len(recalls) - 1):  # the last point, precision 1 at recall 0, is a convention and no threshold
            recall.append({"model": name, "recall": float(recalls[at]), "precision": float(precisions[at])})
        for threshold in np.linspace(0, 1, 101):
            warned = scored >= threshold
            spent = costs.miss * (~warned & labels).sum() + costs.false_alarm * (warned & ~labels).sum()
            cost.append({"model": name, "threshold": float(threshold), "cost": float(1000 * spent / len(labels))})
    return {"roc": roc, "precision_recall": recall, "cost": cost}


def calibration(
    labels: Labels, probability: Floats, blocks: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], tails: tuple[float, float]
) -> list[dict[str, Any]]:
    """Predicted and observed rate in ten groups of rising probability; the interval is the observed rate's."""
    of_row, weights = blocks
    group = risk_groups(probability)
    table = []
    for number in np.unique(group):
        mask = group == number
        count = weights @ np.bincount(of_row[mask], minlength=weights.shape[1])
        positive = weights @ np.bincount(of_row[mask], weights=labels[mask], minlength=weights.shape[1])
        low, high = np.nanquantile(positive[count > 0] / count[count > 0], tails)
        table.append(
            {
                "group": int(number) + 1,
                "predicted": float(probability[mask].mean()),
                "observed": float(labels[mask].mean()),
                "low": float(low),
                "high": float(high),
                "rows": int(mask.sum()),
            }
        )
    return table


def long_table(key: str, each: dict[str, Measured]) -> list[dict[str, Any]]:
    """The measured scores as rows of a table whose first column is `key`."""
    return [
        {key: name, "metric": metric, **values} for name, metrics in each.items() for metric, values in metrics.items()
    ]


def _thin(size: int) -> list[int]:
    """At most CURVE_POINTS positions, evenly spread, with the first and the last."""
    return sorted({int(at) for at in np.linspace(0, size - 1, min(size, CURVE_POINTS)).round()})


def _values(each: Measured) -> dict[str, float]:
    return {metric: values["value"] for metric, values in each.items()}


def load_model() -> Any:
    """The pipeline that train wrote in this very run of the DAG."""
    try:
        return joblib.load(MODEL)
    except FileNotFoundError:
        raise ModelError(f"{MODEL} is missing. Run `dvc repro train`.") from None
    except Exception as error:  # a damaged pickle may raise anything
        raise ModelError(f"{MODEL} is damaged ({type(error).__name__}). Run `dvc repro --force train`.") from None


def work() -> None:
    """Score the hold-out by the candidate, the baseline and the champion; judge the gates; write it all down."""
    section = params.load("evaluate", Evaluate)
    gates.check(section.gates)
    columns = schema.read()
    check_columns(section, columns)
    target = columns.target
    types = definition.read().types
    clean = tables.read(CLEAN, columns.types)
    features = tables.read(FEATURES, types)
    if len(clean) != len(features):
        raise DataError(f"{CLEAN} has {len(clean):,} rows, {FEATURES} {len(features):,}. Run `dvc repro features`.")
    part = features["split"].to_numpy(dtype=object)
    late = (features[target.name] == target.positive).to_numpy()
    test = np.flatnonzero(part == "test")
    rows, labels = clean.iloc[test].reset_index(drop=True), late[test]

    model = load_model()
    hold_out = features.iloc[test][list(types)]
    models = {"candidate": model.predict_proba(hold_out)[:, 1].round(9)}
    old, said = champion_scores(rows, columns, sha256(MODEL)[:VERSION_DIGITS])
    if old is not None:
        models["champion"] = old
    models["baseline"] = baseline.rates(clean[part == "train"], late[part == "train"], rows, section.baseline).round(9)

    of = rows[section.block].astype(str).to_numpy() if section.block else np.arange(len(rows))
    blocks = resamples(of, section.draws, section.seed)
    each, differences = compare(labels, models, blocks, section)
    results = judged(section, each, differences)
    warned = models["candidate"] >= section.costs.threshold
    tn, fp, fn, tp = confusion_matrix(labels, warned, labels=[False, True]).ravel().tolist()
    evaluation = {
        "rows": {name: int((part == name).sum()) for name in ("train", "validation", "test")},
        "rate": {name: float(late[part == name].mean()) for name in ("train", "validation", "test")},
        "block": section.block or "row",
        "blocks": int(blocks[1].shape[1]),
        "threshold": section.costs.threshold,
        "candidate": _values(each["candidate"]),
        "interval": {name: {"low": v["low"], "high": v["high"]} for name, v in each["candidate"].items()},
        "baseline": _values(each["baseline"]),
        "champion": {**said, **(_values(each["champion"]) if "champion" in each else {})} if said else "none yet",
        "confusion": {"tp": tp, "fp": fp, "fn": fn, "tn": tn},
        "gates": results,
        "passed": gates.passed(results),
    }
    found = groups.slices(rows, section.slices, labels, section.min_slice)
    plots = {
        "scores": long_table("model", each),
        "differences": long_table("against", differences),
        **curves(labels, models, section.costs),
        "calibration": calibration(labels, models["candidate"], blocks, section.tails),
        "slices": groups.slice_rows(found, labels, models, blocks, section.tails, section.costs),
        "importance": importance(model, hold_out, labels, section),
    }
    if columns.types.get(section.block) in ("date", "time"):
        plots["weekly"] = groups.weeks(rows[section.block], labels, models)
        plots["outcome"] = groups.months(clean[section.block], part, late)
    predictions = {
        "row": test,
        target.name: rows[target.name],
        "probability": models["candidate"],
        "prediction": np.where(warned, target.positive, target.negative),
        "baseline": models["baseline"],
        "champion": models.get("champion", np.full(len(test), np.nan)),
    }
    tables.write(PREDICTIONS, pd.DataFrame(predictions))
    for name, table in plots.items():
        tables.write(PLOTS / f"{name}.csv", pd.DataFrame(rounded(table)))
    write_json(METRICS, rounded(evaluation))
    for name, result in results.items():
        logging.info("evaluate: gate %s (%s): %s", name, result["level"], result["result"])


def main() -> None:
    """`python -m stages.evaluate`."""
    run.stage("evaluate", work)


if __name__ == "__main__":
    main()
