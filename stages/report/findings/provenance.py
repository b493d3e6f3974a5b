"""Where a report came from: hashes of data, packages and model. Never a commit, a date or a path."""

from __future__ import annotations

import hashlib
import math

from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import count, listed, plural
from stages.wording.vocabulary import sentence

TABLES = 4


def provenance(inputs: Inputs) -> Row:
    """The model, each table's combined hash, and the hash of the package lock."""
    return {
        "model": inputs.manifest["version"] if inputs.manifest else None,
        "model_about": _about(inputs),
        "tables": _tables(inputs)[:TABLES],
        "files": [{"name": file["name"], "sha256": file["sha256"]} for file in inputs.raw["files"]],
        "lock": inputs.lock,
    }


def _about(inputs: Inputs) -> str:
    """The estimator, how large it is, and how equal its served form."""
    parts = [inputs.train["estimator"]] if inputs.train.get("estimator") else []
    if len(inputs.train.get("losses") or {}) > 1:
        parts[0] += f" (best of {listed(sorted(inputs.train['losses']))})"
    if inputs.train.get("rounds"):
        parts.append(f"{count(inputs.train['rounds'])} rounds")
    if inputs.manifest:
        parts.append(plural(len(inputs.manifest["features"]["columns"]), "feature", "features"))
        if inputs.manifest.get("parity"):
            bound = inputs.manifest["parity"]["bound"]
            parts.append(f"served form equal to {max(0, round(-math.log10(bound)))} decimals")
    return sentence(", ".join(parts))


def _tables(inputs: Inputs) -> list[Row]:
    """One line a table. Its hash is the file's own, or that of `sha256sum`'s lines when it has several files."""
    files: dict[str, list[Row]] = {}
    for file in inputs.raw["files"]:
        files.setdefault(file["table"], []).append(file)
    main = inputs.schema["table"]
    return [
        {
            "table": table,
            "files": len(members),
            "rows": sum(file["rows"] for file in members),
            "about": f"{plural(len(members), 'file', 'files')}, {count(sum(file['rows'] for file in members))} rows",
            "sha256": _combined(members),
        }
        for table, members in sorted(files.items(), key=lambda item: (item[0] != main, item[0]))
    ]


def _combined(files: list[Row]) -> str:
    if len(files) == 1:
        return str(files[0]["sha256"])
    lines = "".join(f"{file['sha256']}  {file['name']}\n" for file in sorted(files, key=lambda file: str(file["name"])))
    return hashlib.sha256(lines.encode()).hexdigest()
