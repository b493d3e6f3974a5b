"""Histogram gradient boosting as an ONNX graph that computes in float64, native categorical splits included.

skl2onnx rounds thresholds to float32 and drops categorical splits without a word; the TreeEnsemble operator of
ai.onnx.ml opset 5 can hold both exactly: BRANCH_LEQ for numbers, BRANCH_MEMBER for sets of category codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper
from sklearn.ensemble import HistGradientBoostingClassifier

INPUT, OUTPUT = "X", "p"
LEQ, MEMBER = 0, 6  # node modes of the operator
SUM, NO_TRANSFORM = 1, 0
OPSET, TREE_OPSET, IR = 18, 5, 10
CODES = 256
NO_CODE = -1.0
"""Stands in a set that would be empty, which ONNX Runtime refuses: of a split between missing and known."""


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
    root: list[int] = field(default_factory=list)

    def add_leaf(self, value: float) -> tuple[int, bool]:
        """A leaf; its reference."""
        self.leaf.append(value)
        return len(self.leaf) - 1, True

    def add_node(self, feature: int, split: float, mode: int, missing_is_true: bool) -> tuple[int, bool]:
        """An inner node whose branches are set afterwards; its reference."""
        self.feature.append(feature)
        self.split.append(split)
        self.mode.append(mode)
        self.missing_is_true.append(int(missing_is_true))
        self.true.append((0, True))
        self.false.append((0, True))
        return len(self.feature) - 1, False


def convert(model: HistGradientBoostingClassifier, features: int) -> onnx.ModelProto:
    """The binary classifier as `X` (rows × features, float64) → `p` (rows × 1): the second class's probability."""
    ensemble = _Ensemble()
    for trees in model._predictors:
        ensemble.root.append(_tree(ensemble, trees[0].nodes, trees[0].raw_left_cat_bitsets))
    start = float(np.ravel(model._baseline_prediction)[0])
    graph = helper.make_graph(
        [
            _node(ensemble),
            helper.make_node("Add", ["sum", "start"], ["raw"]),
            helper.make_node("Sigmoid", ["raw"], [OUTPUT]),
        ],
        "gradient_boosting",
        [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, [None, features])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, [None, 1])],
        [helper.make_tensor("start", TensorProto.DOUBLE, [1], [start])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREE_OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=IR)
    onnx.checker.check_model(made)
    return made


def _tree(ensemble: _Ensemble, nodes: npt.NDArray[Any], bitsets: npt.NDArray[np.uint32]) -> int:
    """Add one tree, inner nodes in order of depth-first visits (a set's place follows its node's); its root."""

    def add(at: int) -> tuple[int, bool]:
        node = nodes[at]
        if node["is_leaf"]:
            return ensemble.add_leaf(float(node["value"]))
        feature, missing = int(node["feature_idx"]), bool(node["missing_go_to_left"])
        if node["is_categorical"]:
            own = ensemble.add_node(feature, 0.0, MEMBER, missing)
            codes = _codes(bitsets[node["bitset_idx"]])
            ensemble.members += [*(codes or [NO_CODE]), np.nan]
        else:
            own = ensemble.add_node(feature, float(node["num_threshold"]), LEQ, missing)
        ensemble.true[own[0]] = add(int(node["left"]))
        ensemble.false[own[0]] = add(int(node["right"]))
        return own

    if nodes[0]["is_leaf"]:  # a tree must begin with a node: one that leads to the leaf either way
        own, _ = ensemble.add_node(0, np.inf, LEQ, True)
        leaf = ensemble.add_leaf(float(nodes[0]["value"]))
        ensemble.true[own] = ensemble.false[own] = leaf
        return own
    return add(0)[0]


def _codes(bitset: npt.NDArray[np.uint32]) -> list[float]:
    """The category codes whose bit is set, in a bitset of 8 × 32 bits."""
    return [float(code) for code in range(CODES) if bitset[code // 32] >> np.uint32(code % 32) & 1]


def _node(ensemble: _Ensemble) -> onnx.NodeProto:
    def doubles(name: str, values: list[float]) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)

    members = {"membership_values": doubles("members", ensemble.members)} if ensemble.members else {}
    return helper.make_node(
        "TreeEnsemble",
        [INPUT],
        ["sum"],
        domain="ai.onnx.ml",
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        n_targets=1,
        tree_roots=ensemble.root,
        nodes_featureids=ensemble.feature,
        nodes_splits=doubles("splits", ensemble.split),
        nodes_modes=helper.make_tensor("modes", TensorProto.UINT8, [len(ensemble.mode)], ensemble.mode),
        nodes_missing_value_tracks_true=ensemble.missing_is_true,
        nodes_truenodeids=[at for at, _ in ensemble.true],
        nodes_trueleafs=[int(leaf) for _, leaf in ensemble.true],
        nodes_falsenodeids=[at for at, _ in ensemble.false],
        nodes_falseleafs=[int(leaf) for _, leaf in ensemble.false],
        leaf_targetids=[0] * len(ensemble.leaf),
        leaf_weights=doubles("leaves", ensemble.leaf),
        **members,
    )
