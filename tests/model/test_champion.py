"""The champion: which it is, whether its files are the approved ones, and what it lacks in today's table."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny

from stages.contracts.manifest import Input, Manifest
from stages.core.errors import ModelError
from stages.core.files import read_struct, sha256
from stages.model import champion
from stages.table import schema


@pytest.fixture
def approved(ran: Path, tmp_path: Path) -> Path:
    """A folder `model/` with an approved model in it."""
    folder = tmp_path / "champion"
    folder.mkdir()
    for name in champion.NEEDED:
        shutil.copy(ran / "model" / name, folder)
    version = json.loads((folder / "manifest.json").read_text())["version"]
    files = {name: sha256(folder / name) for name in champion.NEEDED}
    (tmp_path / "champion.json").write_text(json.dumps({"version": version, "files": files}))
    return tmp_path


def test_before_the_first_approval_there_is_none(ran: Path) -> None:
    assert champion.read_pointer(ran / "model/champion.json").version is None


def test_an_approved_model_is_read_with_its_version(approved: Path) -> None:
    manifest = champion.read_verified(approved / "champion.json", approved / "champion")
    assert manifest.version == champion.read_pointer(approved / "champion.json").version


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx"])
@pytest.mark.parametrize("damage", ["missing", "changed", "not named"])
def test_files_that_are_not_the_approved_ones_are_refused(approved: Path, name: str, damage: str) -> None:
    # Given a champion one of whose files is missing, was changed, or that the pointer does not vouch for
    path = approved / "champion" / name
    if damage == "missing":
        path.unlink()
    elif damage == "changed":
        path.write_bytes(path.read_bytes() + b" ")
    else:
        pointer = json.loads((approved / "champion.json").read_text())
        del pointer["files"][name]
        (approved / "champion.json").write_text(json.dumps(pointer))

    # Then it is not used, and the message says how to get it back
    with pytest.raises(ModelError, match=f"{name} is missing or not the file .* Restore it: git restore"):
        champion.read_verified(approved / "champion.json", approved / "champion")


@pytest.mark.parametrize("content", [None, "", "[]", "{}", "null", "{version: 1}"])
def test_a_damaged_pointer_is_no_missing_champion(tmp_path: Path, content: str | None) -> None:
    # Given a pointer that is not there or says nothing
    pointer = tmp_path / "champion.json"
    if content is not None:
        pointer.write_text(content)

    # Then nobody concludes that there is no champion
    with pytest.raises(ModelError, match=r"champion.json is (missing|damaged). Restore it"):
        champion.read_pointer(pointer)


def test_inputs_that_went_or_changed_their_type_are_named(ran: Path) -> None:
    # Given a model whose inputs are those of the table, and three that are not
    manifest = read_struct(ran / "model/manifest.json", Manifest)
    columns = schema.read(ran / "data/schema.json")
    assert champion.list_lacking_inputs(manifest, columns) == []

    # When one is no input any more, one is gone, and one has another type
    more = [Input(name, "category", nullable=True) for name in ("tailnum", "gone", "distance")]
    manifest = msgspec.structs.replace(manifest, inputs=[*manifest.inputs, *more])

    # Then just these are named
    assert champion.list_lacking_inputs(manifest, columns) == ["tailnum", "gone", "distance"]


def test_an_integer_that_became_a_number_is_the_same_input(ran: Path) -> None:
    columns = schema.read(ran / "data/schema.json")
    inputs: list[Input] = [Input("distance", "number", nullable=False), Input("distance", "integer", nullable=False)]
    manifest = msgspec.structs.replace(read_struct(ran / "model/manifest.json", Manifest), inputs=inputs)
    assert champion.list_lacking_inputs(manifest, columns) == []


def changed(schema_: schema.Schema, **changes: Any) -> schema.Schema:
    """The schema with another task or target."""
    target = msgspec.structs.replace(
        schema_.target, **{name: value for name, value in changes.items() if name != "task"}
    )
    return msgspec.structs.replace(schema_, target=target, task=changes.get("task", schema_.task))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "multiclass"}, "it was made for a binary target, and today's is multiclass"),
        ({"name": "delayed"}, "it predicts late, not delayed"),
        ({"classes": ["no", "very", "yes"]}, "its classes are no, yes, and today's are no, very, yes"),
        ({"positive": "no"}, "it gives the probability of yes, not of no"),
        ({"classes": ["yes", "no"]}, ""),
    ],
)
def test_a_champion_of_another_question_is_not_compared(ran: Path, changes: dict[str, Any], said: str) -> None:
    manifest = read_struct(ran / "model/manifest.json", Manifest)
    columns = schema.read(ran / "data/schema.json")
    assert champion.explain_incomparable(manifest, columns) == ""
    assert champion.explain_incomparable(manifest, changed(columns, **changes)) == said


def test_many_classes_are_not_all_named() -> None:
    target = {"name": "y", "classes": [f"c{n}" for n in range(40)]}
    manifest = msgspec.convert(tiny.manifest(task="multiclass") | {"files": {}, "target": target}, Manifest)
    today = schema.Schema("t", "multiclass", schema.Target("y", ["a", "b"], None, ""), [], [])
    assert champion.explain_incomparable(manifest, today).startswith(
        "its classes are c0, c1, c2, c3, c4, c5, c6, c7 and 32 more"
    )


@pytest.mark.parametrize(
    ("today", "type_", "levels", "serves"),
    [
        (["low", "high"], "ordinal", ["low", "medium", "high"], True),
        (["low", "huge"], "ordinal", ["low", "high"], False),
        (["low", "high"], "category", [], True),
        (["low", "high"], "number", [], False),
        (["low", "high"], "boolean", [], False),
    ],
)
def test_an_ordinal_serves_a_model_that_knows_its_levels(
    today: list[str], type_: str, levels: list[str], serves: bool
) -> None:
    column = schema.Column("size", "ordinal", "input", nullable=True, source="t", levels=today)
    columns = schema.Schema("t", "regression", schema.Target("y", [], None, ""), [], [column])
    needed = {"name": "size", "type": type_, "nullable": True, "levels": levels}
    manifest = msgspec.convert(tiny.manifest() | {"files": {}, "inputs": [needed]}, Manifest)
    assert champion.list_lacking_inputs(manifest, columns) == ([] if serves else ["size"])
