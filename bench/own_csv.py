"""What the pipeline reaches on tables it was only pointed at, beside scikit-learn's defaults on the same rows.

    python -m bench.own_csv [--seeds N] [--megabytes N]

Each of tests/tables/ is adopted from 80% of its lines with nothing said but the target, the stages run, and
`serve.predict` scores the other 20%. The defaults are fitted to the same 80%, read and prepared by hand: columns that
tell nothing or too much left out, dates made numbers. Before, a large file is adopted, for its time and memory.
Everything runs in clones of HEAD in a temporary folder.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from bench.pipeline import PLAIN, Aim, Cost, measure
from stages.transaction.repository import clone

TABLES = Path(__file__).parents[1] / "tests" / "tables"
STAGES = ("ingest", "clean", "features", "train", "evaluate", "save")
LEARNT_FROM = 0.8
BLOCK = 20_000
"""Rows of the large file that are made at once."""


class Table(NamedTuple):
    """A shipped table: its target and task, and what a person would do to prepare it for scikit-learn."""

    file: str
    target: str
    task: str
    read: Mapping[str, Any]
    drop: tuple[str, ...] = ()
    dates: Mapping[str, str] = {}  # and how each is written


SHIPPED = [
    Table(
        "penguins.csv",
        "Species",
        "multiclass",
        {},
        ("studyName", "Sample Number", "Individual ID", "Region", "Stage", "Comments"),
        {"Date Egg": "%Y-%m-%d"},
    ),
    Table("tumours.csv", "diagnosis", "binary", {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"}),
    Table(
        "cars.tsv", "Miles per gallon", "regression", {"sep": "\t", "na_values": "?"}, ("Name",), {"Year": "%d/%m/%Y"}
    ),
]
MEASURES = {"binary": "AUC", "multiclass": "accuracy", "regression": "R²"}


class Outcome(NamedTuple):
    """What ours and each default reached on the same rows; more is better."""

    ours: float
    defaults: dict[str, float]


def halves(content: bytes, seed: int) -> tuple[bytes, bytes]:
    """The lines to learn from and the others, in random order, each under the header line."""
    header, *lines = content.splitlines(keepends=True)
    order = np.random.default_rng(seed).permutation(len(lines))
    border = int(LEARNT_FROM * len(lines))
    first, second = (b"".join([header, *(lines[at] for at in part)]) for part in (order[:border], order[border:]))
    return first, second


def compared(table: Table, seed: int, folder: Path, source: Path = Path()) -> Outcome:
    """Ours and the defaults on one random fifth of the table. `source` is the repository that is cloned."""
    learn, rest = folder / table.file, folder / f"rest-{table.file}"
    for path, content in zip((learn, rest), halves((TABLES / table.file).read_bytes(), seed), strict=True):
        path.write_bytes(content)
    project = clone(folder / "repo", source=source)
    measure(project, sys.executable, "-m", "stages.adopt", str(learn), "--target", table.target)
    measure(project, sys.executable, "-c", PLAIN, *STAGES)
    measure(project, sys.executable, "-m", "serve.predict", str(rest), str(folder / "scored.csv"))
    said = pd.read_csv(folder / "scored.csv", dtype=str, keep_default_na=False)
    fit, judge = prepared(table, learn), prepared(table, rest)
    return Outcome(score(table.task, judge[table.target], ours(said, table)), defaults(table, fit, judge))


def prepared(table: Table, path: Path) -> pd.DataFrame:
    """The file as a person reads it: numbers, texts, dates as a number and a month; rows without a target are kept."""
    frame: pd.DataFrame = pd.read_csv(path, **table.read).drop(columns=list(table.drop))
    for name, form in table.dates.items():
        dates = pd.to_datetime(frame.pop(name), format=form)
        frame[f"{name} days"] = (dates - pd.Timestamp(0)).dt.days
        frame[f"{name} month"] = dates.dt.month
    return frame


def ours(said: pd.DataFrame, table: Table) -> pd.DataFrame:
    """What serve.predict answered: a column for each class, or one of values. A row without an answer ends all."""
    names = [name for name in said.columns if name.startswith("probability_")] or ["prediction"]
    if (said["prediction"] == "").any():
        raise SystemExit(f"{table.file}: rows were not scored: {said['reason'].value_counts().head(3).to_dict()}")
    return said[names].astype(float).rename(columns=lambda name: str(name).removeprefix("probability_"))


def defaults(table: Table, fit: pd.DataFrame, judge: pd.DataFrame) -> dict[str, float]:
    """What scikit-learn's estimators reach with the settings they come with."""
    from sklearn import compose, ensemble, impute, linear_model, pipeline, preprocessing

    fit = fit[fit[table.target].notna()]
    inputs = [name for name in fit.columns if name != table.target]
    numbers = [name for name in inputs if fit[name].dtype.kind in "iufb"]
    texts = [name for name in inputs if name not in numbers]
    known = pipeline.make_pipeline(impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler())
    encode = compose.make_column_transformer(
        (preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts), (known, numbers)
    )
    amounts = table.task == "regression"
    estimators = {
        "linear": linear_model.Ridge() if amounts else linear_model.LogisticRegression(max_iter=1000),
        "boosting": ensemble.HistGradientBoostingRegressor() if amounts else ensemble.HistGradientBoostingClassifier(),
        "forest": ensemble.RandomForestRegressor() if amounts else ensemble.RandomForestClassifier(),
    }
    reached = {}
    for name, estimator in estimators.items():
        if name != "linear":
            estimator.set_params(random_state=7)
        model = pipeline.make_pipeline(encode, estimator)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(fit[inputs], fit[table.target])
            values = model.predict(judge[inputs])[:, None] if amounts else model.predict_proba(judge[inputs])
        columns = ["prediction"] if amounts else [str(label) for label in model.classes_]
        reached[name] = score(table.task, judge[table.target], pd.DataFrame(values, columns=columns))
    return reached


def score(task: str, truth: pd.Series[Any], said: pd.DataFrame) -> float:
    """R², accuracy, or the area under the ROC curve of the last class by letter, over the rows with a target."""
    from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

    known = truth.notna().to_numpy()
    truth, said = truth[known], said[known]
    if task == "regression":
        return float(r2_score(truth, said["prediction"]))
    if task == "multiclass":
        return float(accuracy_score(truth.astype(str), said.idxmax(axis=1)))
    positive = max(said.columns)
    return float(roc_auc_score(truth.astype(str) == positive, said[positive]))


def large(path: Path, megabytes: int, seed: int = 7) -> None:
    """Write a CSV file of so many megabytes: identifier, numbers, codes, texts, a date, missing values, a target."""
    random = np.random.default_rng(seed)
    towns = np.array([f"town {at}" for at in range(400)])
    start, made = np.datetime64("2015-01-01"), 0
    with path.open("wb") as file:
        while file.tell() < megabytes * 1_000_000:
            amounts = {f"amount_{at}": random.gamma(2, 50, BLOCK).round(2) for at in range(8)}
            columns: dict[str, npt.NDArray[Any] | pa.Array] = {
                "customer_id": np.arange(made, made + BLOCK) * 7 + 1_000_003,
                "joined": (start + random.integers(0, 3000, BLOCK)).astype(str),
                "town": towns[random.integers(0, len(towns), BLOCK)],
                "plan": random.choice(["basic", "plus", "family"], BLOCK),
                "score": pa.array(random.normal(0, 1, BLOCK).round(4), mask=random.random(BLOCK) < 0.05),
                "visits": random.poisson(3, BLOCK),
                "paperless": random.choice(["yes", "no"], BLOCK),
                **amounts,
                "left": np.where(random.random(BLOCK) < amounts["amount_0"] / 600, "yes", "no"),
            }
            block = pa.table({name: pa.array(values) for name, values in columns.items()})
            options = arrow_csv.WriteOptions(include_header=made == 0, quoting_style="needed")
            arrow_csv.write_csv(block, file, options)
            made += BLOCK


def line(table: Table, outcomes: Sequence[Outcome]) -> str:
    """The medians over the seeds, and ours over the best of the defaults."""
    mine = statistics.median(outcome.ours for outcome in outcomes)
    names = outcomes[0].defaults
    middle = {name: statistics.median(outcome.defaults[name] for outcome in outcomes) for name in names}
    said = "  ".join(f"{name} {value:.4f}" for name, value in middle.items())
    ratio = mine / max(middle.values())
    return f"{table.file:<14} {MEASURES[table.task]:<9} ours {mine:.4f}  {said}  ours / best default {ratio:.3f}"


def speed(cost: Cost, megabytes: int) -> list[Aim]:
    """What adopting the large file took, beside the limit for 100 MB."""
    limit = megabytes / 10
    return [
        Aim(f"adopt of {megabytes} MB", cost.seconds, "s", limit),
        Aim("adopt / limit", cost.seconds / limit, "", 1),
        Aim("peak memory, adopt", cost.bytes / 1e9, "GB", None),
    ]


def main() -> None:
    """Adopt, run, score and print."""
    options = argparse.ArgumentParser(prog="python -m bench.own_csv", description="Measure adopted tables.")
    options.add_argument("--seeds", type=int, default=3, help="how often each table is parted (default: 3)")
    options.add_argument("--megabytes", type=int, default=100, help="size of the large file (default: 100; 0: none)")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if asked.megabytes:  # first: a process is said to have needed what the one that started it did
            large(folder / "large.csv", asked.megabytes)
            project = clone(folder / "repo")
            adopt = (sys.executable, "-m", "stages.adopt", str(folder / "large.csv"), "--target", "left")
            print(*speed(measure(project, *adopt), asked.megabytes), sep="\n", flush=True)
        for table in SHIPPED:
            outcomes = []
            for seed in range(asked.seeds):
                place = folder / f"{Path(table.file).stem}-{seed}"
                place.mkdir()
                outcomes.append(compared(table, seed, place))
            print(line(table, outcomes), flush=True)


if __name__ == "__main__":
    main()
