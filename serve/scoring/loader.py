"""The model that is served: its manifest and its ONNX form, loaded only after their hash was checked."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from serve.settings import ROOT
from stages.contracts.manifest import Champion, Manifest
from stages.core.errors import ModelError
from stages.transaction.committed import check_champion
from stages.transform.derivations import KINDS

LARGEST = 2**31
"""Bytes; ONNX itself ends there."""
Floats = npt.NDArray[np.float64]


class Files(msgspec.Struct, frozen=True):
    """What a model is made of: its manifest and its graph, as they were read, and whether it is approved."""

    manifest: bytes
    graph: bytes
    approved: bool


class Model:
    """A model that can be asked: `document` is its manifest as it is written, `manifest` what that says."""

    def __init__(self, files: Files) -> None:
        self.document, self.approved = files.manifest, files.approved
        self.manifest = _manifest(files.manifest, Path("manifest.json"))
        self._session = _session(files.graph, self.manifest)
        self._one = _bound(self._session, self.manifest)

    def answer(self, row: Sequence[float]) -> list[list[float]]:
        """As `answers`, for one row: through memory that ONNX Runtime is bound to, at half the cost."""
        return self._one(row)

    def answers(self, matrix: Floats) -> Floats:
        """What the model says of each row of a float64 matrix [rows, features]: float64 [rows, width].

        The probability of the positive class, of each class in the manifest's order, or the number predicted.
        """
        ends = self.manifest.onnx
        answer: Floats = self._session.run([ends.output], {ends.input: matrix})[0]
        return answer


def load(root: Path = ROOT, choice: str | None = None) -> Model:
    """As `read`, made to answer. Raises ModelError where the files are not of this service's kind."""
    return Model(read(root, choice))


def read(root: Path = ROOT, choice: str | None = None) -> Files:
    """The champion, or the candidate where there is none yet or `choice` (or `SERVE_MODEL`) says "candidate".

    Raises ModelError when a file is missing, is not the one its manifest names, or cannot be read.
    """
    chosen = choice if choice is not None else os.environ.get("SERVE_MODEL", "")
    if chosen not in ("", "candidate"):
        raise ModelError(f"SERVE_MODEL is '{chosen}', but can only be 'candidate', or unset for the champion.")
    champion = _champion(root / "model" / "champion.json")
    approved = champion.version is not None and not chosen
    if approved:
        check_champion(root)
    folder = root / "model" / "champion" if approved else root / "model"
    text = _bytes(folder / "manifest.json")
    if approved and champion.files and hashlib.sha256(text).hexdigest() != champion.files.get("manifest.json"):
        raise ModelError(
            f"{folder / 'manifest.json'} is not the one that model/champion.json names. Restore both from git "
            "(`git restore model/champion model/champion.json`), or approve again."
        )
    manifest = _manifest(text, folder / "manifest.json")
    if approved and manifest.version != champion.version:
        raise ModelError(
            f"model/champion.json names version {champion.version}, but {folder / 'manifest.json'} is "
            f"{manifest.version}. Restore both from git, or approve again."
        )
    graph = _checked(folder / "model.onnx", manifest)
    return Files(text, graph, approved=manifest.version == champion.version)


def _champion(path: Path) -> Champion:
    """Which model is approved, if any is."""
    try:
        return msgspec.json.decode(_bytes(path), type=Champion)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}). Restore it with `git restore model/{path.name}`.") from None


def _manifest(text: bytes, path: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelError(f"{path} is not a manifest this service can read: {error}. Save the model again.") from None
    known = {column.name for column in manifest.inputs}
    for step in manifest.features.derive:
        if step.kind not in KINDS or not known.issuperset(step.of):
            raise ModelError(f"{path}: '{step.name}' is {step.kind} of {step.of}, which cannot be derived here.")
        known.add(step.name)
    for name in {column.name for column in manifest.features.columns} - known:
        raise ModelError(f"{path}: the model's column '{name}' is neither an input nor derived from one.")
    return manifest


def _checked(path: Path, manifest: Manifest) -> bytes:
    """The file's bytes, read once and only if they hash to what the manifest says: nothing else is ever parsed."""
    content = _bytes(path)
    expected = manifest.files[path.name].sha256 if path.name in manifest.files else None
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelError(
            f"{path} is not the file its manifest names: its sha256 is {found}, the manifest says {expected}. "
            "Restore it (`dvc checkout`, `git restore model/champion`) or save the model again."
        )
    return content


def _bytes(path: Path) -> bytes:
    """The content of a plain file that is not too large: nothing that never ends, and nothing that fills the memory."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                raise ModelError(f"{path} is no plain file.")
            if told.st_size > LARGEST:
                raise ModelError(f"{path} has {told.st_size} bytes, more than the {LARGEST} a model's file may have.")
            return file.read(told.st_size)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing. Make the model with `make repro`, or restore it.") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}.") from None


def _session(graph: bytes, manifest: Manifest) -> Any:
    """An ONNX Runtime session on one thread, tried once, so that a graph that does not fit shows at the start."""
    import onnxruntime  # wanted by the workers, not by the process that looks after them

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    width, ends = len(manifest.features.columns), manifest.onnx
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        answer = session.run([ends.output], {ends.input: np.full((2, width), np.nan)})[0]
    except Exception as error:  # ONNX Runtime's own errors share no base class
        raise ModelError(f"model.onnx of version {manifest.version} cannot be run: {error}") from None
    if answer.shape != (2, manifest.width) or answer.dtype != np.float64:
        raise ModelError(
            f"model.onnx of version {manifest.version} answers {answer.dtype} {answer.shape}, not float64 "
            f"[n, {manifest.width}] as its task ({manifest.task}) wants."
        )
    return session


def _bound(session: Any, manifest: Manifest) -> Callable[[Sequence[float]], list[list[float]]]:
    """A run of the session on one row. A worker answers on one thread, so that one place for the numbers will do."""
    given = np.zeros((1, len(manifest.features.columns)))
    said = np.zeros((1, manifest.width))
    binding = session.io_binding()
    binding.bind_input(manifest.onnx.input, "cpu", 0, np.float64, given.shape, given.ctypes.data)
    binding.bind_output(manifest.onnx.output, "cpu", 0, np.float64, said.shape, said.ctypes.data)
    write, memory, run = struct.Struct(f"={given.size}d").pack_into, given.data.cast("B"), session.run_with_iobinding

    def one(row: Sequence[float]) -> list[list[float]]:
        write(memory, 0, *row)
        run(binding)
        answer: list[list[float]] = said.tolist()
        return answer

    return one
