"""How far answers are from labels: the loss that chooses, and the scores that tell a person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from stages.model.estimators import Floats, Labels

SMALLEST = float(np.finfo(np.float64).eps)
"""The least probability a label is taken to have had: a certain mistake costs much, but not all."""


def losses(answers: Floats, labels: Labels, task: str) -> Floats:
    """Each row's loss: the squared error of a value, or minus the logarithm of what the row's class was given."""
    if task == "regression":
        return np.square(answers[:, 0] - labels)
    given = np.where(labels, answers[:, 0], 1 - answers[:, 0]) if task == "binary" else _at(answers, labels)
    return np.asarray(-np.log(np.clip(given, SMALLEST, 1 - SMALLEST)))


def scores(answers: Floats, labels: Labels, task: str) -> dict[str, float]:
    """What metrics/train.json says of some rows."""
    loss = float(losses(answers, labels, task).mean())
    if task == "binary":
        return {"log_loss": loss, "auc": float(roc_auc_score(labels, answers[:, 0]))}
    if task == "multiclass":
        return {"log_loss": loss, "accuracy": float((answers.argmax(axis=1) == labels).mean())}
    error, spread = answers[:, 0] - labels, float(np.square(labels - labels.mean()).sum())
    explained = 1 - float(np.square(error).sum()) / spread if spread > 0 else 0.0
    return {"rmse": float(np.sqrt(loss)), "mae": float(np.abs(error).mean()), "r2": explained}


def interval(answers: Floats, labels: Labels, share: float) -> dict[str, float]:
    """How far below and above the value the middle `share` of the labels lay, on rows that were not fitted on."""
    error = labels - answers[:, 0]
    low, high = np.quantile(error, [(1 - share) / 2, (1 + share) / 2], method="inverted_cdf")
    return {"share": share, "below": max(0.0, -float(low)), "above": max(0.0, float(high))}


def _at(answers: Floats, labels: Labels) -> npt.NDArray[np.float64]:
    return answers[np.arange(len(labels)), labels]
