"""The pickled pipeline behind a web framework, as it is usually written: a DataFrame for each request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import msgspec
import pandas as pd

from stages.transform.definition import Definition, build_features


class Pickled:
    """Answers rows of inputs with the numbers the pipeline has for each."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        self._types = {column["name"]: column["type"] for column in manifest["inputs"]}
        self._definition = msgspec.convert(
            {
                "derive": manifest["features"]["derive"],
                "columns": [
                    {**column, "levels": sorted(codes, key=codes.__getitem__)}
                    if column["type"] == "ordinal"
                    else column
                    for column in manifest["features"]["columns"]
                    for codes in [column.get("codes") or {}]
                ],
            },
            Definition,
        )
        self._task = manifest["task"]
        self._pipeline = joblib.load(folder / "model.pkl")

    def features(self, rows: list[dict[str, Any]]) -> pd.DataFrame:
        """The features of the rows."""
        frame = pd.DataFrame(rows, columns=list(self._types))
        for name, kind in self._types.items():
            if kind in ("date", "time"):
                frame[name] = pd.to_datetime(frame[name])
            elif kind in ("number", "integer"):
                frame[name] = pd.to_numeric(frame[name])
        return build_features(frame, self._types, self._definition)

    def numbers(self, rows: list[dict[str, Any]]) -> list[list[float]]:
        """As `serve.scoring.loader.Model.answers`: the chance of the positive class, of each class, or the value."""
        features = self.features(rows)
        if self._task == "regression":
            return [[float(value)] for value in self._pipeline.predict(features)]
        chances = self._pipeline.predict_proba(features)
        found: list[list[float]] = (chances[:, 1:] if self._task == "binary" else chances).tolist()
        return found
