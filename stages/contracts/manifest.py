"""`model/manifest.json`: what vouches for a model's files, and what a service and its page must know of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.table.schema import ColumnType, Reading, Task
from stages.transform.derivations import Derivation
from stages.transform.split_rule import SplitRule

PATH = Path("model/manifest.json")
MIDDLE = 5
"""The place of the median among eleven quantiles."""


class File(msgspec.Struct, frozen=True):
    """What a model file must hash to, and its size."""

    sha256: str
    bytes: int = 0


class Input(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column a request may hold, with its range over the training rows or its levels where it has them."""

    name: str
    type: ColumnType
    nullable: bool
    low: float | str | None = None
    high: float | str | None = None
    levels: list[str] = []


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of the model's matrix; a category or a level comes as the number its codes give it."""

    name: str
    type: str
    codes: dict[str, int] | None = None


class Features(msgspec.Struct, frozen=True):
    """How the inputs become the matrix: derivations first, then its columns in order."""

    derive: list[Derivation]
    columns: list[Column]

    @property
    def codes(self) -> dict[str, dict[str, int]]:
        """The codes of each column that has some."""
        return {column.name: column.codes for column in self.columns if column.codes is not None}


class Target(msgspec.Struct, frozen=True):
    """What is predicted: of classes the one that stands there, of two the chance of `positive`; else a number."""

    name: str
    classes: list[str]
    positive: str | None = None
    definition: str = ""


class Shares(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a column was spread over the train rows: in bins, over levels, or not at all.

    `rows` is how many those were, where they are not the reference's.
    """

    rows: int = 0
    missing: float = 0.0
    edges: list[float] | None = None
    shares: list[float] = []
    levels: dict[str, float] | None = None
    other: float = 0.0


class Reference(msgspec.Struct, frozen=True):
    """What the served values are compared with."""

    rows: int
    inputs: dict[str, Shares]
    score: Shares


class Usual(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be expected of a row that nothing is known of: each class's share, or quantiles and mean."""

    shares: dict[str, float] = {}
    quantiles: list[float] = []
    mean: float | None = None


class InputProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One input over the training rows: eleven quantiles (5% to 95%), or its commonest values; the share missing."""

    name: str
    missing: float = 0.0
    quantiles: list[Any] = []
    shares: list[tuple[Any, float]] = []

    @property
    def typical(self) -> Any:
        """The median or the commonest value; None where most rows have none."""
        if self.missing > 0.5 or not (self.quantiles or self.shares):
            return None
        return self.quantiles[MIDDLE] if self.quantiles else self.shares[0][0]

    @property
    def background(self) -> list[tuple[Any, float]]:
        """Values the input may take and how often (the sum is 1), a missing one among them."""
        known = [(value, 1 / len(self.quantiles)) for value in self.quantiles] or self.shares
        everything = [(value, share * (1 - self.missing)) for value, share in known]
        everything += [(None, self.missing)] * (self.missing > 0)
        total = sum(share for _, share in everything)
        return [(value, share / total) for value, share in everything if share]


class TrainingProfile(msgspec.Struct, frozen=True):
    """What a page must know of the training rows, the inputs in the order of their importance."""

    rows: int = 0
    usual: Usual = Usual()
    inputs: list[InputProfile] = []


class Ends(msgspec.Struct, frozen=True):
    """The names of the ONNX graph's input and output."""

    input: str
    output: str


class Parity(msgspec.Struct, frozen=True):
    """How far the pickle and the ONNX form may differ and did, on so many hold-out rows."""

    bound: float
    max_difference: float
    rows: int


class Provenance(msgspec.Struct, frozen=True):
    """What the model was made of: the SHA-256 of each raw file, the params, the packages' versions."""

    data: dict[str, str]
    params: dict[str, Any]
    packages: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All of the file. What is not needed to answer may be missing in one of an older version."""

    format: Literal[2]
    version: str
    task: Task
    target: Target
    threshold: float | None
    files: dict[str, File]
    inputs: list[Input]
    features: Features
    onnx: Ends
    interval: Interval | None = None
    estimator: str = ""
    reading: Reading | None = None
    page: TrainingProfile | None = None
    metrics: dict[MetricKey, float | None] = {}
    provenance: Provenance | None = None
    split: SplitRule | None = None
    parity: Parity | None = None
    reference: Reference | None = None

    def __post_init__(self) -> None:
        classes, positive = self.target.classes, self.target.positive
        if self.task == "binary" and (len(classes) != 2 or positive not in classes or self.threshold is None):
            raise ValueError("a binary task has two classes, one of them positive, and a threshold")
        if self.task == "multiclass" and len(classes) < 2:
            raise ValueError("a multiclass task has two classes at least")

    @property
    def width(self) -> int:
        """How many numbers the model gives for a row: a chance of each of several classes, else one."""
        return len(self.target.classes) if self.task == "multiclass" else 1


class Champion(msgspec.Struct, frozen=True):
    """`model/champion.json`: the approved version, None while there is none, and what its files must hash to."""

    version: str | None
    files: dict[str, str] = {}
