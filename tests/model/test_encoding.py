"""The matrix that a saved model scores: the features in the manifest's order, unknown categories missing."""

from __future__ import annotations

import numpy as np

from stages.contracts.manifest import Column, Features
from stages.model.encoding import encode_matrix
from stages.transform.derivations import Derivation

FEATURES = Features(
    [Derivation("weekday", "weekday", ["day"])],
    [Column("weekday", "number"), Column("car", "category", {"N1": 0, "N2": 1}), Column("distance", "number")],
)
INPUTS = {
    "distance": np.array([1.5, np.nan, 3.0]),
    "car": np.array(["N2", None, "N9"], dtype=object),
    "day": np.array(["2013-01-01", "NaT", "2013-01-06"], dtype="datetime64[D]"),
    "unused": np.array([1.0, 2.0, 3.0]),
}


def test_columns_stand_in_the_manifest_s_order() -> None:
    made = encode_matrix(INPUTS, FEATURES)

    assert made.dtype == np.float64
    np.testing.assert_array_equal(made, [[1.0, 1.0, 1.5], [np.nan, np.nan, np.nan], [6.0, np.nan, 3.0]])


def test_an_ordinal_is_the_position_of_its_level() -> None:
    features = Features([], [Column("size", "ordinal", {"small": 0, "large": 1})])
    made = encode_matrix({"size": np.array(["large", None, "huge", "small"], dtype=object)}, features)
    np.testing.assert_array_equal(made[:, 0], [1.0, np.nan, np.nan, 0.0])


def test_a_row_alone_is_encoded_as_among_others() -> None:
    together = encode_matrix(INPUTS, FEATURES)

    for row in range(3):
        alone = encode_matrix({name: column[row : row + 1] for name, column in INPUTS.items()}, FEATURES)
        np.testing.assert_array_equal(alone[0], together[row])
