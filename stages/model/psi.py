"""The population stability index of two histograms: the one definition, for the report and the service alike.

PSI = Σ (q − p) · ln(q / p) over the bins, with p and q the shares before and after (Lewis 1994, "An Introduction to
Credit Scoring"; the same as Kullback and Leibler's divergence of 1951 both ways). Half a row is added to each bin, as
Krichevsky and Trofimov (1981) estimate shares: an empty bin is finite then, and says more the more rows there are. With
a fixed smallest share it would say the same of fifty rows and of a million.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MODERATE, STRONG = 0.1, 0.25
"""Customary bounds (Siddiqi 2006, "Credit Risk Scorecards")."""


def psi(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """Return the index of two counts of rows, bin by bin; bins that are empty in both do not count."""
    counts = np.array([before, after], dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0] + 0.5
    p, q = counts / counts.sum(axis=1, keepdims=True)
    return float(((q - p) * np.log(q / p)).sum())
