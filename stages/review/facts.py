"""What two states of the project are compared by, read from what their stages wrote; nothing is run again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stages.contracts import clean_metrics, evaluation, manifest, train_metrics
from stages.contracts.clean_metrics import CleanMetrics
from stages.contracts.evaluation import AnyEvaluation
from stages.contracts.manifest import Manifest
from stages.contracts.train_metrics import TrainMetrics
from stages.core import params
from stages.core.errors import ParamsError
from stages.review.snapshot import Snapshot
from stages.table import schema
from stages.table.schema import Schema
from stages.transform import definition
from stages.transform.definition import Definition

CLEAN = Path("data/clean.csv")
PACKAGES = Path("packages.json")
T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """One state, as far as it has them: what is None was not written there, or today's code cannot read it."""

    name: str
    lock: dict[str, Any]
    params: dict[str, Any] | None
    packages: dict[str, str]
    sources: dict[str, str]
    columns: Schema | None
    clean: CleanMetrics | None
    trained: TrainMetrics | None
    evaluation: AnyEvaluation | None
    definition: Definition | None
    manifest: Manifest | None

    @property
    def clean_md5(self) -> str:
        """The hash of the clean table that was made; empty where there is none."""
        return self._find("clean", "outs")

    @property
    def evaluated_md5(self) -> str:
        """The hash of the clean table that was evaluated."""
        return self._find("evaluate", "deps")

    def _find(self, stage: str, kind: str) -> str:
        entries = self.lock.get(stage, {}).get(kind, [])
        return next((one["md5"] for one in entries if one["path"] == CLEAN.as_posix()), "")


def read_facts(snapshot: Snapshot) -> Facts:
    """Return what the snapshot has; what it has not is told in its `lost`."""
    return Facts(
        name=snapshot.name,
        lock=snapshot.lock,
        params=_read_params(snapshot),
        packages=_read(snapshot, PACKAGES, dict[str, str]) or {},
        sources=snapshot.list_sources(),
        columns=_read(snapshot, schema.SCHEMA, Schema),
        clean=_read(snapshot, clean_metrics.PATH, CleanMetrics),
        trained=_read(snapshot, train_metrics.PATH, TrainMetrics),
        evaluation=_read(snapshot, evaluation.PATH, AnyEvaluation),
        definition=_read(snapshot, definition.DEFINITION, Definition),
        manifest=_read(snapshot, manifest.PATH, Manifest),
    )


def _read_params(snapshot: Snapshot) -> dict[str, Any] | None:
    try:
        return params.parse(snapshot.read(params.PARAMS) or b"{}")
    except ParamsError as error:
        snapshot.lost.append(f"{params.PARAMS} of {snapshot.name}: {error}")
        return None


def _read(snapshot: Snapshot, path: Path, kind: Any) -> Any:
    content = snapshot.read(path)
    if content is None:
        snapshot.lost.append(f"{path} of {snapshot.name}: there is none")
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        snapshot.lost.append(f"{path} of {snapshot.name}: today's code cannot read it ({error})")
        return None
