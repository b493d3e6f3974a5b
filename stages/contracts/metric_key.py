"""The metrics that there are, by the keys they have in every file; `stages/wording/metrics.py` has their names."""

from __future__ import annotations

from typing import Literal

MetricKey = Literal[
    "accuracy",
    "auc",
    "average_precision",
    "balanced_accuracy",
    "bias",
    "brier",
    "calibration_error",
    "cost",
    "coverage",
    "log_loss",
    "macro_f1",
    "mae",
    "median_ae",
    "precision",
    "r2",
    "recall",
    "rmse",
    "top2_accuracy",
    "within",
    "worst_coverage",
]
