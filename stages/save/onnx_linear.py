"""A linear model with its one-hot columns, imputation and scaling as nodes of an ONNX graph, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from stages.model.estimators import FARTHEST, LARGEST
from stages.save.onnx_graph import Graph

NO_CODE = -1.0
"""Stands for a missing category, which compares equal to nothing as long as it is NaN."""


def linear(graph: Graph, model: Any, task: str) -> str:
    """The pipeline that stages/model/estimators.py calls `linear`, as nodes; the name of what it answers."""
    columns, last = model["columns"], model["linear"]
    parts = []
    for name, fitted, places in columns.transformers_:
        if name == "category":
            parts.append(_hot(graph, fitted, places))
        elif name == "number":
            parts.append(_numbers(graph, fitted, list(range(columns.n_features_in_))[places]))
    together = parts[0] if len(parts) == 1 else graph.add("Concat", parts, axis=1)
    weights = np.atleast_2d(last.coef_).T
    product = graph.add("MatMul", [together, graph.constant(weights)])
    raw = graph.add("Add", [product, graph.constant(np.atleast_1d(last.intercept_))])
    return raw if task == "regression" else graph.linked(raw, weights.shape[1])


def _hot(graph: Graph, fitted: Any, places: list[int]) -> str:
    """One column for each category that was seen, 1 where the row has it; a missing one is a category where seen."""
    codes = [np.where(np.isnan(seen), NO_CODE, seen) for seen in fitted.categories_]
    repeated = np.repeat(places, [len(seen) for seen in codes])
    values = graph.columns(repeated.tolist())
    known = graph.add("Where", [graph.add("IsNaN", [values]), graph.constant([NO_CODE]), values])
    return graph.cast(graph.add("Equal", [known, graph.constant(np.concatenate(codes))]))


def _numbers(graph: Graph, fitted: Any, places: list[int]) -> str:
    """Numbers by their median where missing, then a flag for each column that had missing ones, all scaled and cut."""
    fill, scale = fitted["known"], fitted["scaled"]
    values = graph.columns(places)
    missing = graph.add("IsNaN", [values])
    parts = [graph.cut(graph.add("Where", [missing, graph.constant(fill.statistics_), values]), LARGEST)]
    flagged = fill.indicator_.features_.tolist()
    if flagged:
        parts.append(graph.cast(graph.columns(flagged, missing)))
    known = parts[0] if len(parts) == 1 else graph.add("Concat", parts, axis=1)
    centred = graph.add("Sub", [known, graph.constant(scale.mean_)])
    return graph.cut(graph.add("Div", [centred, graph.constant(scale.scale_)]), FARTHEST)
