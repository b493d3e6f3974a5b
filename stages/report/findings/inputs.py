"""The files a report is made of, read once and checked to belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.contracts import clean_metrics, evaluation, manifest, raw_files, served_rows, train_metrics
from stages.contracts.clean_metrics import CleanMetrics
from stages.contracts.evaluation import AnyEvaluation, BinaryEvaluation, MulticlassEvaluation, RegressionEvaluation
from stages.contracts.manifest import Manifest
from stages.contracts.raw_files import RawFile, RawFiles
from stages.contracts.served_rows import ServedRows
from stages.contracts.train_metrics import TrainMetrics
from stages.core.errors import DataError, ModelError
from stages.core.files import read_struct, sha256
from stages.report.findings.plots import ROWS, Plots, read_rows
from stages.table import schema
from stages.table.schema import Schema
from stages.wording.params import Alert, Report
from stages.wording.vocabulary import Words

COMMON = ("scores", "differences", "slices", "sensitive", "importance", "dependence", "adjusted", "related", "shift")
"""The plots of every task, and those that each has besides."""
OWN = {
    "binary": ("roc", "precision_recall", "calibration", "cost", "outcomes", "band", "histogram"),
    "multiclass": ("classes", "confusion", "calibration", "abstain", "histogram"),
    "regression": ("errors", "actual_predicted", "tolerance", "levels", "sides"),
}
DATED = ("outcome", "weekly")
NOT_ALWAYS = {"binary": DATED, "multiclass": DATED, "regression": (*DATED, "calibration", "correction")}
"""Plots of tables with dates, and of regressions with an interval, or with costs."""


@dataclass(frozen=True)
class Inputs:
    """What the pipeline wrote. `manifest` and `served` are None for a candidate that was refused."""

    params: Report
    words: Words
    schema: Schema
    raw: list[RawFile]
    clean: CleanMetrics
    train: TrainMetrics
    evaluation: AnyEvaluation
    plots: Plots
    lock: str
    alert: Alert
    manifest: Manifest | None
    served: ServedRows | None

    @property
    def binary(self) -> BinaryEvaluation:
        """The evaluation of a task of two classes."""
        assert isinstance(self.evaluation, BinaryEvaluation)
        return self.evaluation

    @property
    def multiclass(self) -> MulticlassEvaluation:
        """The evaluation of a task of several classes."""
        assert isinstance(self.evaluation, MulticlassEvaluation)
        return self.evaluation

    @property
    def regression(self) -> RegressionEvaluation:
        """The evaluation of a task whose target is a number."""
        assert isinstance(self.evaluation, RegressionEvaluation)
        return self.evaluation


def read(params: Report, root: Path = Path(), rejected: bool = False, alert: Alert | None = None) -> Inputs:
    """All inputs below `root`. Raises DataError for a missing file and ModelError for files of different models."""
    columns = _read(root / schema.SCHEMA, Schema)
    found: AnyEvaluation = _read(root / evaluation.PATH, AnyEvaluation)
    inputs = Inputs(
        params=params,
        words=Words(params, columns.target.name, columns.target.positive),
        schema=columns,
        raw=_read(root / raw_files.PATH, RawFiles).files,
        clean=_read(root / clean_metrics.PATH, CleanMetrics),
        train=_read(root / train_metrics.PATH, TrainMetrics),
        evaluation=found,
        plots=_read_plots(root / "metrics/plots", found),
        lock=sha256(_there(root / "requirements.txt")),
        alert=alert or Alert(),
        manifest=None if rejected else _read(root / manifest.PATH, Manifest),
        served=None if rejected else _read(root / served_rows.PATH, ServedRows),
    )
    _check(inputs)
    return inputs


def _read_plots(folder: Path, found: AnyEvaluation) -> Plots:
    tables: dict[str, Any] = {}
    for name in (*COMMON, *OWN[found.task], *NOT_ALWAYS[found.task]):
        path = folder / f"{name}.csv"
        if name in NOT_ALWAYS[found.task] and not path.is_file():
            continue
        try:
            tables[name] = read_rows(_there(path), ROWS[name], found.primary)
        except ValueError as error:
            raise DataError(f"{error}. Run `dvc repro` to make it again.") from None
    return Plots(**tables)


def repeats(inputs: Inputs) -> int:
    """How often each row counts in the tables of plots: once, or once in each repeat of cross-validation."""
    return inputs.evaluation.estimate.repeats


def _check(inputs: Inputs) -> None:
    if inputs.manifest is None or inputs.served is None:
        return
    if not inputs.evaluation.passed:
        raise ModelError(
            "metrics/evaluation.json says that the candidate failed a gate it must meet, so the saved model is an "
            "older one. Write the report of the refused candidate with `python -m stages.report --rejected`."
        )
    saved, asked = inputs.manifest.version, inputs.served.model.version
    if saved != asked:
        raise ModelError(
            f"reports/predictions.json comes from model {asked}, but model/manifest.json is model {saved}. "
            "Run `dvc repro serve` and then this stage again."
        )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"{path} is missing, which the report needs. Run `dvc repro` to make it.")
    return path


def _read(path: Path, kind: Any) -> Any:
    """The file as a struct. Raises DataError where it is missing or another version wrote it."""
    try:
        return read_struct(_there(path), kind)
    except ValueError as error:
        raise DataError(f"{error}. Run `dvc repro` to make it again.") from None
