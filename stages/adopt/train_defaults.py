"""The section `train` of params.yaml for a table that nobody has looked at yet."""

from __future__ import annotations

from stages.model.params import Train

FEW = 2_000
"""Rows up to which folds choose better than one validation part, and take no longer than a minute."""
TREES = 1_000
"""Trees of boosting with several classes, at most: the model's file stays below 5 MB."""
MANY = 5
"""Classes beyond which boosting takes larger steps, as each round takes long."""
FEW_TREES = 6_000
"""Rows times trees a round, up to which folds take no longer than that with several classes."""


def suggest_train(rows: int, task: str, by: str = "hash", classes: int = 2) -> Train:
    """Return settings for a table of so many rows (hold-out included) that nobody has looked at yet; `by` splits it.

    Every estimator is tried, and their blend, as small tables are often closer to a line than to a tree. Up to `FEW`
    rows a single validation part would choose by chance, so folds choose, except where rows are split by time or group:
    folds would put a row's neighbours on both sides. What is chosen is fitted again on all rows but the hold-out, as
    each row counts. A little l2 keeps leaves of few rows, and of rare categories, from being believed. Small tables
    want leaves that may hold fewer rows than 20, large ones more rounds. With several classes a round is a tree for
    each, so that rounds are fewer, and looked at more often.
    """
    several = task == "multiclass"
    few = rows <= FEW and rows * (classes if several else 1) <= FEW_TREES
    return Train(
        max_rounds=min(200, TREES // max(classes, 2)) if several else 300 if few else 600,
        estimator="best",
        folds=5 if few and by == "hash" else 0,
        refit=True,
        step=10 if several else 20,
        learning_rate=0.15 if several and classes > MANY else 0.1,
        l2_regularization=1.0,
        min_samples_leaf=10 if rows <= 1000 else 20,
    )
