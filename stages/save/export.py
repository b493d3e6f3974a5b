"""From the fitted pipeline to its ONNX form and the manifest that vouches for both, without a file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.contracts.evaluation import BinaryEvaluation, Evaluation
from stages.contracts.manifest import Ends, File, Manifest, Parity, Provenance, Target
from stages.contracts.train_metrics import TrainMetrics
from stages.core.errors import ModelError
from stages.model import fitting, onnx_predict
from stages.model.interval import add_interval
from stages.save import drift_reference, manifest, onnx_graph, page_profile
from stages.table import schema
from stages.table.schema import Schema
from stages.transform.definition import Definition


class Export(NamedTuple):
    """The model's ONNX form, and the manifest of both forms."""

    onnx: bytes
    manifest: Manifest


def export_model(
    model: Pipeline,
    pickle: bytes,
    clean: pd.DataFrame,
    features: pd.DataFrame,
    columns: Schema,
    definition: Definition,
    evaluation: Evaluation,
    trained: TrainMetrics,
    importance: Mapping[str, float] = MappingProxyType({}),
    provenance: Provenance | None = None,
    parity_bound: float = 1e-9,
) -> Export:
    """Return the pipeline as ONNX, proved to answer alike on the hold-out, and the manifest.

    pickle: the pipeline's file, which the manifest names beside the graph. clean, features: the tables of the stages,
    row by row the same. importance: what each feature is worth by the evaluation. parity_bound: how far an answer of
    the two forms may differ, in units of a value beyond ±1. Raises ModelError where they differ more.
    """
    train, test = (features[definition.split] == part for part in ("train", "test"))
    classes = columns.target.classes
    matrix = manifest.describe_features(model, definition)
    limits = (trained.interval.least, trained.interval.most) if trained.interval else (None, None)
    graph = onnx_graph.convert(model["model"], columns.task, len(matrix.columns), len(classes), limits)
    onnx = graph.SerializeToString(deterministic=True)
    described = Manifest(
        format=manifest.FORMAT,
        version=evaluation.version,
        task=columns.task,
        target=msgspec.convert(columns.target, Target, from_attributes=True),
        threshold=evaluation.threshold if isinstance(evaluation, BinaryEvaluation) else None,
        files={"model.pkl": _file(pickle), "model.onnx": _file(onnx)},
        inputs=manifest.describe_inputs(columns, clean[train]),
        features=matrix,
        onnx=Ends(onnx_graph.INPUT, onnx_graph.OUTPUT),
        interval=trained.interval,
        estimator=trained.estimator,
        reading=columns.reading,
        page=page_profile.profile_inputs(columns, clean[train], matrix.derive, importance),
        metrics=evaluation.candidate,
        provenance=provenance,
        split=definition.rule,
    )
    answers = onnx_predict.predict(described, onnx, clean[test], columns.types)
    expected = fitting.predict(model, features.loc[test, list(definition.types)], columns.task, len(classes))
    if trained.interval:
        expected = add_interval(expected[:, 0], trained.interval)[:, :1]
    difference = largest_difference(answers, expected)
    if not difference <= parity_bound:
        raise ModelError(
            f"model.onnx differs from model.pkl by {difference:.3g} on a hold-out row, more than save.parity_bound "
            f"({parity_bound:.3g}) allows. The last good model stays. Report it: the converter is at fault."
        )
    inputs = schema.to_arrays(clean.loc[train, [column.name for column in columns.inputs]], columns.types)
    return Export(
        onnx,
        msgspec.structs.replace(
            described,
            parity=Parity(parity_bound, round_up(difference), len(answers)),
            reference=drift_reference.describe_rows(inputs, columns.types, answers, columns.task, classes),
        ),
    )


def largest_difference(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the largest difference between what two forms of a model answer.

    Of a value beyond ±1 (regression) it is the difference in units of that value.
    """
    return float((np.abs(one - other) / np.maximum(1, np.abs(other))).max())


def round_up(difference: float) -> float:
    """Return the difference in steps of 1e-12, one at least: whether there is any below that differs by CPU."""
    return max(1, math.ceil(difference * 1e12)) / 1e12


def _file(content: bytes) -> File:
    return File(hashlib.sha256(content).hexdigest(), len(content))
