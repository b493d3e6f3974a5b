"""A fitted estimator as an ONNX graph that computes in float64: `X` (the matrix) → `p`, as `fitting.predict` but within
the target's ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from stages.core.errors import ModelError

INPUT, OUTPUT = "X", "p"
OPSET, TREE_OPSET, IR = 18, 5, 10
TREES = "ai.onnx.ml"


class Graph:
    """Nodes and constants, added one by one; each addition gives the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        """One node with one output."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def constant(self, values: npt.ArrayLike, kind: type[np.generic] = np.float64) -> str:
        """An array that is part of the model."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def cast(self, values: str, kind: int = TensorProto.DOUBLE) -> str:
        """The values as another type."""
        return self.add("Cast", [values], to=kind)

    def columns(self, places: Sequence[int], values: str = INPUT) -> str:
        """Some columns of the matrix, a place named twice given twice."""
        return self.add("Gather", [values, self.constant(list(places), np.int64)], axis=1)

    def clip(self, values: str, least: float | None, most: float | None) -> str:
        """The values (none of them NaN), none below `least` and above `most`, where there are such ends."""
        ends = ["" if end is None else self.constant(end) for end in (least, most)]
        return values if ends == ["", ""] else self.add("Clip", [values, *ends])

    def cut(self, values: str, largest: float) -> str:
        """The values (none of them NaN) within ± `largest`."""
        return self.clip(values, -largest, largest)

    def linked(self, raw: str, outputs: int) -> str:
        """Probabilities of scores: of the second class of two for one column, else of each class."""
        return self.add("Sigmoid", [raw]) if outputs == 1 else self.add("Softmax", [raw], axis=1)


def convert(
    model: Any, task: str, features: int, classes: int = 2, limits: tuple[float | None, float | None] = (None, None)
) -> onnx.ModelProto:
    """The graph of the pipeline's step "model", whose matrix has so many features. `classes` are those of the schema,
    `limits` the ends that a number does not pass.

    Raises ModelError for an estimator that has no ONNX form here.
    """
    graph = Graph()
    said = _said(graph, model, task)
    if task == "multiclass":
        said = _placed(graph, said, np.asarray(model.classes_, dtype=np.int64), classes)
    said = graph.clip(said, *limits)
    graph.nodes.append(helper.make_node("Identity", [said], [OUTPUT]))
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "model",
            [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, [None, features])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, [None, classes if task == "multiclass" else 1])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(TREES, TREE_OPSET)],
        ir_version=IR,
    )
    onnx.checker.check_model(made)
    return made


def _said(graph: Graph, model: Any, task: str) -> str:
    """What a model answers: one column for two classes or a value, else one for each class it knows."""
    from stages.save import onnx_linear, onnx_trees

    if hasattr(model, "named_estimators_"):
        shares = np.asarray(model.weights) / np.sum(model.weights)
        parts = [_said(graph, part, task) for part in model.estimators_]
        return reduce(
            lambda one, other: graph.add("Add", [one, other]),
            [graph.add("Mul", [part, graph.constant(share)]) for part, share in zip(parts, shares, strict=True)],
        )
    last = model.steps[-1][0] if hasattr(model, "steps") else "boosting"
    kinds = {"boosting": onnx_trees.boosting, "forest": onnx_trees.forest, "linear": onnx_linear.linear}
    if last not in kinds:
        raise ModelError(
            f"{type(model).__name__} ({last}) has no ONNX form. Write one beside stages/save/onnx_linear.py."
        )
    return kinds[last](graph, model, task)


def _placed(graph: Graph, said: str, known: npt.NDArray[np.int64], classes: int) -> str:
    """Each known class's probability in its column among all classes, 0 in the others."""
    if len(known) == 2:
        said = graph.add("Concat", [graph.add("Sub", [graph.constant([1.0]), said]), said], axis=1)
    if len(known) == classes:
        return said
    place = np.zeros((len(known), classes))
    place[np.arange(len(known)), known] = 1.0
    return graph.add("MatMul", [said, graph.constant(place)])
