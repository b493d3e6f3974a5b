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
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix

from stages import baseline, champion, curves, definition, gates, groups, intervals, params, run, schema, tables
from stages.errors import DataError, ModelError, ParamsError, did_you_mean
from stages.files import rounded, sha256, write_json
from stages.gates import Gate
from stages.intervals import Measured, Tails
from stages.saved import VERSION_DIGITS, probabilities
from stages.scores import Costs, Floats, Labels, resamples

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
PREDICTIONS = Path("data/predictions.csv")
METRICS = Path("metrics/evaluation.json")
PLOTS = Path("metrics/plots")
FEWEST_BLOCKS = 5

Positive = Annotated[int, msgspec.Meta(ge=1)]


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
    def tails(self) -> Tails:
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
    version = sha256(MODEL)[:VERSION_DIGITS]
    hold_out = features.iloc[test][list(types)]
    models = {"candidate": model.predict_proba(hold_out)[:, 1].round(9)}
    old, said = champion_scores(rows, columns, version)
    if old is not None:
        models["champion"] = old
    models["baseline"] = baseline.rates(clean[part == "train"], late[part == "train"], rows, section.baseline).round(9)

    of = rows[section.block].astype(str).to_numpy() if section.block else np.arange(len(rows))
    blocks = resamples(of, section.draws, section.seed)
    if blocks[1].shape[1] < FEWEST_BLOCKS:
        raise DataError(
            f"the hold-out has only {blocks[1].shape[1]} values of {section.block or 'row'}, too few to resample: an "
            "interval would claim a certainty that is not there. Choose another evaluate.block or a longer hold-out."
        )
    each, differences = intervals.compare(labels, models, blocks, section.costs, section.tails)
    results = judged(section, each, differences)
    warned = models["candidate"] >= section.costs.threshold
    tn, fp, fn, tp = confusion_matrix(labels, warned, labels=[False, True]).ravel().tolist()
    evaluation = {
        "rows": {name: int((part == name).sum()) for name in ("train", "validation", "test")},
        "rate": {name: float(late[part == name].mean()) for name in ("train", "validation", "test")},
        "block": section.block or "row",
        "confidence": section.confidence,
        "version": version,
        "blocks": int(blocks[1].shape[1]),
        "threshold": section.costs.threshold,
        "candidate": intervals.values(each["candidate"]),
        "interval": {name: {"low": v["low"], "high": v["high"]} for name, v in each["candidate"].items()},
        "baseline": intervals.values(each["baseline"]),
        "champion": {**said, **(intervals.values(each["champion"]) if "champion" in each else {})}
        if said
        else "none yet",
        "confusion": {"tp": tp, "fp": fp, "fn": fn, "tn": tn},
        "gates": results,
        "passed": gates.passed(results),
    }
    found = groups.slices(rows, section.slices, labels, section.min_slice)
    plots = {
        "scores": intervals.long_table("model", each),
        "differences": intervals.long_table("against", differences),
        **curves.curves(labels, models, section.costs),
        "calibration": curves.calibration(labels, models["candidate"], blocks, section.tails),
        "slices": groups.slice_rows(found, labels, models, blocks, section.tails),
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
