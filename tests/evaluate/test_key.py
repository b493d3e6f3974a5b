"""What is kept of an evaluation is kept under all that decides it, and under nothing of the model in use."""

from __future__ import annotations

import msgspec
import pytest

from stages.core import params
from stages.evaluate import __main__ as stage
from stages.evaluate.params import Evaluate
from stages.model import memo
from stages.table import schema


@pytest.mark.usefixtures("repo")
def test_the_key_holds_all_that_a_score_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # given the key of an evaluation
    section = params.load("evaluate", Evaluate)
    key = stage.key_of(section)

    # then it is another for each file, setting, package and line of code
    others = {stage.key_of(msgspec.structs.replace(section, seed=section.seed + 1))}
    paths = [stage.MODEL, stage.CLEAN, stage.FEATURES, stage.DEFINITION, schema.SCHEMA, stage.TRAINED]
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        others.add(stage.key_of(section))
        path.write_bytes(content)
    with monkeypatch.context() as patch:
        patch.setattr(stage, "package_version", lambda _: "0.0")
        others.add(stage.key_of(section))
    with monkeypatch.context() as patch:
        patch.setattr(memo, "read_code", lambda *_: b"other code")
        others.add(stage.key_of(section))
    assert len(others - {key}) == len(paths) + 3

    # but not for the gates and the model in use
    (stage.champion.POINTER).write_text('{"version": null, "files": {}}')
    assert stage.key_of(msgspec.structs.replace(section, gates={})) == key


def test_the_settings_of_every_process_are_code() -> None:
    assert b"KERNELS" in memo.read_code("core")
