"""Save: keep the candidate, if it met its gates, in the two forms that serve and can be checked.

Reads `model/trained.pkl`, what evaluate found, the clean rows and their features. Writes `model/model.pkl`,
`model/model.onnx` and `model/manifest.json`, each by an atomic rename and only after everything held: until then the
last good three stay.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stages.contracts.evaluation import PATH as EVALUATION
from stages.contracts.evaluation import GateResult, read_evaluation
from stages.contracts.manifest import PATH as MANIFEST
from stages.contracts.manifest import Provenance
from stages.contracts.raw_files import PATH as RAW_FILES
from stages.contracts.raw_files import RawFiles
from stages.contracts.train_metrics import PATH as TRAIN_METRICS
from stages.contracts.train_metrics import TrainMetrics
from stages.core import params, run
from stages.core.errors import GateError, ModelError
from stages.core.files import json_text, read_json, read_struct, write_together
from stages.model.onnx_predict import VERSION_DIGITS
from stages.save.params import Save

MODEL = Path("model")
TRAINED = MODEL / "trained.pkl"
IMPORTANCE = Path("metrics/plots/importance.csv")
PACKAGES = Path("packages.json")
CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
USED_PACKAGES = ["joblib", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn"]


def check_gates(gates: Mapping[str, GateResult]) -> None:
    """Raise GateError, naming each gate the candidate must meet and does not."""
    failed = [
        f"{name} is {gate.result} ({gate.rule}; measured {gate.value:.4g}, interval {gate.low:.4g} to {gate.high:.4g})"
        for name, gate in gates.items()
        if gate.level == "must" and gate.result not in ("met", "not applicable")
    ]
    if failed:
        raise GateError(
            f"the candidate is not saved: {'; '.join(failed)}. The last good model stays. "
            "Improve the model, or let whoever owns the gates change evaluate.gates in params.yaml."
        )


def read_pickle(version: str) -> bytes:
    """Return the candidate's pickle. Raises ModelError unless it is the one evaluated: no other is unpickled."""
    try:
        content = TRAINED.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{TRAINED} is missing. Run `dvc repro train`.") from None
    if hashlib.sha256(content).hexdigest()[:VERSION_DIGITS] != version:
        raise ModelError(
            f"{TRAINED} is damaged, or not the model {version} that {EVALUATION} tells of. "
            "Run `dvc repro --force train`."
        )
    return content


def read_provenance() -> Provenance:
    """Return what the model was made of: hashes of the raw files, params, and package versions."""
    sections, packages = params.read(), read_json(PACKAGES)
    return Provenance(
        {file.name: file.sha256 for file in read_struct(RAW_FILES, RawFiles).files},
        msgspec.to_builtins({name: sections[name] for name in ("clean", "features", "train")}),
        {name: packages[name] for name in USED_PACKAGES},
    )


def read_importance() -> dict[str, float]:
    """Return what each feature is worth by the evaluation, which may have had too few rows to say."""
    with IMPORTANCE.open(newline="", encoding="utf-8") as file:
        return {row["column"]: float(row["value"]) for row in csv.DictReader(file)}


def work() -> None:
    """Judge, convert, prove both forms equal, then replace the last good model."""
    section = params.load("save", Save)
    try:
        evaluated = read_evaluation()
    except (FileNotFoundError, ValueError):
        raise ModelError(f"{EVALUATION} is missing or damaged. Run `dvc repro evaluate`.") from None
    check_gates(evaluated.gates)  # before scikit-learn is imported: a refusal is quick
    import joblib

    from stages.save.export import export_model
    from stages.table import csv_io, schema
    from stages.transform import definition

    content = read_pickle(evaluated.version)
    columns, features = schema.read(), definition.read()
    export = export_model(
        joblib.load(io.BytesIO(content)),
        content,
        csv_io.read(CLEAN, columns.types),
        csv_io.read(FEATURES, features.types),
        columns,
        features,
        evaluated,
        read_struct(TRAIN_METRICS, TrainMetrics),
        read_importance(),
        read_provenance(),
        section.parity_bound,
    )
    vouching = json_text(msgspec.to_builtins(export.manifest)).encode()
    write_together({MODEL / "model.pkl": content, MODEL / "model.onnx": export.onnx, MANIFEST: vouching})
    parity = export.manifest.parity
    assert parity is not None
    logging.info(
        "save: version %s, both forms equal within %.1e on %d rows",
        evaluated.version,
        parity.max_difference,
        parity.rows,
    )


def main() -> None:
    """`python -m stages.save`."""
    run.stage("save", work)


if __name__ == "__main__":
    main()
