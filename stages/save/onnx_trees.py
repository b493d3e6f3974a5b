"""Trees as nodes of an ONNX graph that computes in float64, native categorical splits included.

skl2onnx rounds thresholds to float32 and drops categorical splits without a word; the TreeEnsemble operator of
ai.onnx.ml opset 5 can hold both exactly: BRANCH_LEQ for numbers, BRANCH_MEMBER for sets of category codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from stages.model.estimators import LARGEST_SINGLE
from stages.save.onnx_graph import INPUT, TREES, Graph

LEQ, MEMBER = 0, 6  # node modes of the operator
SUM, NO_TRANSFORM = 1, 0
CODES = 256
NO_CODE = -1.0
"""Stands in a set that would be empty, which ONNX Runtime refuses: of a split between missing and known."""


@dataclass
class Node:
    """One node of a tree in no library's own form: a leaf's value, or a split and the places of its two branches."""

    value: float | None = None
    feature: int = 0
    threshold: float = 0.0
    codes: list[float] | None = None
    missing_left: bool = True
    left: int = 0
    right: int = 0


@dataclass
class _Ensemble:
    """The operator's attributes: parallel lists over inner nodes, over leaves, and over trees."""

    feature: list[int] = field(default_factory=list)
    split: list[float] = field(default_factory=list)
    mode: list[int] = field(default_factory=list)
    missing_is_true: list[int] = field(default_factory=list)
    true: list[tuple[int, bool]] = field(default_factory=list)  # (node or leaf, is it a leaf)
    false: list[tuple[int, bool]] = field(default_factory=list)
    members: list[float] = field(default_factory=list)  # each set of codes, closed by NaN
    leaf: list[float] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    root: list[int] = field(default_factory=list)

    def add_leaf(self, value: float, target: int) -> tuple[int, bool]:
        """A leaf; its reference."""
        self.leaf.append(value)
        self.target.append(target)
        return len(self.leaf) - 1, True

    def add_node(self, node: Node) -> tuple[int, bool]:
        """An inner node whose branches are set afterwards; its reference."""
        self.feature.append(node.feature)
        self.split.append(0.0 if node.codes is not None else node.threshold)
        self.mode.append(LEQ if node.codes is None else MEMBER)
        self.missing_is_true.append(int(node.missing_left))
        self.true.append((0, True))
        self.false.append((0, True))
        if node.codes is not None:
            self.members += [*(node.codes or [NO_CODE]), np.nan]
        return len(self.feature) - 1, False

    def add_tree(self, nodes: list[Node], target: int) -> None:
        """One tree, inner nodes in order of depth-first visits (a set's place follows its node's)."""
        if nodes[0].value is not None:  # a tree must begin with a node: one that leads to the leaf either way
            nodes = [Node(threshold=np.inf, left=1, right=1), nodes[0]]
        waiting: list[tuple[int, list[tuple[int, bool]], int]] = [(0, self.root_reference, 0)]
        while waiting:
            at, references, place = waiting.pop()
            node = nodes[at]
            if node.value is not None:
                references[place] = self.add_leaf(node.value, target)
                continue
            references[place] = own = self.add_node(node)
            waiting += [(node.right, self.false, own[0]), (node.left, self.true, own[0])]
        self.root.append(self.root_reference[0][0])

    root_reference: list[tuple[int, bool]] = field(default_factory=lambda: [(0, False)])


def boosting(graph: Graph, model: Any, task: str) -> str:
    """Gradient boosting as nodes; the name of what it answers. One tree a round, or one for each class."""
    ensemble, outputs = _Ensemble(), model.n_trees_per_iteration_
    for trees in model._predictors:
        for target, tree in enumerate(trees):
            ensemble.add_tree(list(_boosted(tree.nodes, tree.raw_left_cat_bitsets)), target)
    total = graph.add("TreeEnsemble", [INPUT], TREES, **_attributes(ensemble, outputs))
    raw = graph.add("Add", [total, graph.constant(np.ravel(model._baseline_prediction))])
    return raw if task == "regression" else graph.linked(raw, outputs)


def forest(graph: Graph, model: Any, task: str) -> str:
    """A forest as nodes; the name of what it answers.

    A leaf of the operator holds one number only, so it holds the leaf's place in a table of answers: one row of the
    table for each leaf, one column for each class but the first of two.
    """
    ensemble = _Ensemble()
    table: list[npt.NDArray[np.float64]] = []
    members = model["forest"].estimators_
    for target, tree in enumerate(members):
        nodes, values = _grown(tree.tree_, len(table))
        ensemble.add_tree(nodes, target)
        table += values
    answers = np.asarray(table) / len(members)
    columns = answers[:, 1:] if task != "regression" and answers.shape[1] == 2 else answers
    cut = graph.add("Where", [graph.add("IsNaN", [INPUT]), INPUT, graph.cut(INPUT, LARGEST_SINGLE)])
    single = graph.cast(graph.cast(cut, TensorProto.FLOAT))  # forests look at numbers in single precision
    places = graph.add("TreeEnsemble", [single], TREES, **_attributes(ensemble, len(members)))
    found = graph.add("Gather", [graph.constant(columns), graph.cast(places, TensorProto.INT64)], axis=0)
    return graph.add("ReduceSum", [found, graph.constant([1], np.int64)], keepdims=0)


def _boosted(nodes: npt.NDArray[Any], bitsets: npt.NDArray[np.uint32]) -> Iterable[Node]:
    """A tree of histogram gradient boosting."""
    for node in nodes:
        if node["is_leaf"]:
            yield Node(value=float(node["value"]))
            continue
        codes = _codes(bitsets[node["bitset_idx"]]) if node["is_categorical"] else None
        yield Node(
            feature=int(node["feature_idx"]),
            threshold=float(node["num_threshold"]),
            codes=codes,
            missing_left=bool(node["missing_go_to_left"]),
            left=int(node["left"]),
            right=int(node["right"]),
        )


def _grown(tree: Any, first: int) -> tuple[list[Node], list[npt.NDArray[np.float64]]]:
    """A tree of a forest, each leaf's value its place in the table (from `first` on), and those rows of the table."""
    made: list[Node] = []
    rows: list[npt.NDArray[np.float64]] = []
    for node, values in zip(tree.__getstate__()["nodes"], tree.value[:, 0, :], strict=True):
        if node["left_child"] < 0:
            made.append(Node(value=float(first + len(rows))))
            rows.append(values)
        else:
            made.append(
                Node(
                    feature=int(node["feature"]),
                    threshold=float(node["threshold"]),
                    missing_left=bool(node["missing_go_to_left"]),
                    left=int(node["left_child"]),
                    right=int(node["right_child"]),
                )
            )
    return made, rows


def _codes(bitset: npt.NDArray[np.uint32]) -> list[float]:
    """The category codes whose bit is set, in a bitset of 8 × 32 bits."""
    return [float(code) for code in range(CODES) if bitset[code // 32] >> np.uint32(code % 32) & 1]


def _attributes(ensemble: _Ensemble, targets: int) -> dict[str, Any]:
    def doubles(name: str, values: list[float]) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)

    members = {"membership_values": doubles("members", ensemble.members)} if ensemble.members else {}
    return {
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
        "n_targets": targets,
        "tree_roots": ensemble.root,
        "nodes_featureids": ensemble.feature,
        "nodes_splits": doubles("splits", ensemble.split),
        "nodes_modes": helper.make_tensor("modes", TensorProto.UINT8, [len(ensemble.mode)], ensemble.mode),
        "nodes_missing_value_tracks_true": ensemble.missing_is_true,
        "nodes_truenodeids": [at for at, _ in ensemble.true],
        "nodes_trueleafs": [int(leaf) for _, leaf in ensemble.true],
        "nodes_falsenodeids": [at for at, _ in ensemble.false],
        "nodes_falseleafs": [int(leaf) for _, leaf in ensemble.false],
        "leaf_targetids": ensemble.target,
        "leaf_weights": doubles("leaves", ensemble.leaf),
        **members,
    }
