"""dvc.yaml is honest: each stage names its code, its data, its params and its packages, no more and no less."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from imports import closure
from small import ROOT, STAGES

PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PACKAGES: dict[str, str] = json.loads((ROOT / "packages.json").read_text(encoding="utf-8"))
STARTED = {"serve": ["serve.service", "serve.__main__"]}
"""Modules that a stage starts in another process."""
SCRIPTS = {"serve": {"serve/start"}}
"""What a stage runs that is no Python."""
NAMES = {"sklearn": "scikit-learn", "ruamel": "ruamel-yaml"}
"""Packages whose import has another name."""
PLUMBING = {"msgspec", "ruamel-yaml", "tqdm"}
"""Packages that read settings and show progress: another version of them makes the same results or none."""
PATHS = re.compile(r"(data|metrics|model|reports)(/[\w.-]+)+")
NO_DEPS = {
    "evaluate": {"model/champion"},
    "serve": {"data/schema.json"},
    "report": {"reports/rejected_report.pdf"},
}
"""Paths that a stage's code names and that are no deps: the champion's folder, for whose files the pointer vouches by
their hashes; the schema, of which the stage serve uses types only; the report of a candidate that failed, which no
stage makes.
"""
SECTIONS = {"save": {"save", "clean", "features", "train"}, "report": {"report", "serve.alert"}}
"""Stages that read more than their own section: save writes into the manifest what the model was made with, and the
report tells when the service raises an alert by itself.
"""


def code(stage: str) -> set[str]:
    """Every local file the stage runs, but for those that only say what their folder is."""
    modules = [f"stages.{stage}.__main__", *STARTED.get(stage, [])]
    return {path for path in set().union(*(closure(module, ROOT) for module in modules)) if has_code(path)}


def has_code(path: str) -> bool:
    """Whether a module has more than a docstring."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return not path.endswith(".py") or ast.get_docstring(ast.parse(text)) is None or len(ast.parse(text).body) > 1


def third_party(stage: str) -> set[str]:
    """The packages, as packages.json names them, that the stage's own code imports, and not for its types alone."""
    found = set()
    for path in code(stage):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        typing = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
        for node in (node for part in tree.body if part not in typing for node in ast.walk(part)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module))
    tops = {name.split(".")[0] for name in found}
    return {NAMES.get(top, top.replace("_", "-")) for top in tops} & PACKAGES.keys()


def params(stage: str) -> tuple[set[str], set[str]]:
    """The stage's sections of params.yaml, and its keys of packages.json."""
    listed = PIPELINE[stage]["params"]
    sections = {entry for entry in listed if isinstance(entry, str)}
    keys = {key for entry in listed if isinstance(entry, dict) for key in entry["packages.json"]}
    return sections, keys


def outs(stage: str) -> dict[str, dict[str, Any]]:
    """The stage's outputs and metrics, each with its options."""
    entries = [*PIPELINE[stage].get("outs", []), *PIPELINE[stage].get("metrics", [])]
    return {path: {} for path in entries if isinstance(path, str)} | {
        path: options for entry in entries if isinstance(entry, dict) for path, options in entry.items()
    }


def test_the_stages_are_the_eight_in_order() -> None:
    assert list(PIPELINE) == STAGES
    assert [stage["cmd"] for stage in PIPELINE.values()] == [f"python -m stages.{name}" for name in STAGES]


@pytest.mark.parametrize("stage", STAGES)
def test_the_code_among_a_stages_deps_is_what_it_imports(stage: str) -> None:
    # Given what dvc.yaml lists of the two packages of code
    listed = {dep for dep in PIPELINE[stage]["deps"] if dep.startswith(("stages/", "serve/"))}
    found = {file for dep in listed for file in [ROOT / dep, *(ROOT / dep).rglob("*.py")] if file.is_file()}
    files = {str(file.relative_to(ROOT)) for file in found}

    # Then it is exactly what runs: a missing one would keep a stale result, one too many rerun for nothing
    assert {file for file in files if has_code(file)} == code(stage) | SCRIPTS.get(stage, set())


@pytest.mark.parametrize("stage", STAGES)
def test_the_other_deps_are_sources_or_made_by_an_earlier_stage(stage: str) -> None:
    # Given everything the stages before this one write
    made = {path for earlier in STAGES[: STAGES.index(stage)] for path in outs(earlier)}

    # When its data is told from its code
    data = {dep for dep in PIPELINE[stage]["deps"] if not dep.startswith(("stages/", "serve/"))}

    # Then nothing comes from nowhere
    assert data - made <= {"data/source", "model/champion.json", "requirements.txt"}
    assert data


def paths_in(file: str) -> set[str]:
    """The files and folders of the pipeline that a module names, and those whose contract it imports by its `PATH`."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    texts = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    named = set() if file.startswith("stages/contracts/") else {text for text in texts if PATHS.fullmatch(text)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("stages.contracts"):
            modules = [str(node.module)] if any(alias.name == "PATH" for alias in node.names) else []
            modules += [f"{node.module}.{alias.name}" for alias in node.names if node.module == "stages.contracts"]
            named |= {str(importlib.import_module(module).PATH) for module in modules}
    return named


@pytest.mark.parametrize("stage", STAGES)
def test_the_paths_a_stages_code_names_are_among_its_deps_or_outs(stage: str) -> None:
    # Given the paths that any of the stage's own modules names, its helpers' too
    named = set().union(*(paths_in(file) for file in closure(f"stages.{stage}.__main__", ROOT)))
    known = {*PIPELINE[stage]["deps"], *outs(stage), *NO_DEPS.get(stage, set())}

    # Then each is a file of the DAG, or in a folder that is
    stray = {path for path in named if not any(part in known for part in [path, *map(str, Path(path).parents)])}
    assert not stray


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_its_own_section_of_params(stage: str) -> None:
    sections, _ = params(stage)
    assert sections == SECTIONS.get(stage, {stage})


@pytest.mark.parametrize("stage", STAGES)
def test_the_packages_a_stage_imports_are_among_its_keys_of_the_lock(stage: str) -> None:
    _, keys = params(stage)
    assert third_party(stage) - PLUMBING <= keys
    assert keys <= PACKAGES.keys()


def test_what_must_survive_a_failure_is_kept_while_its_stage_runs() -> None:
    # DVC deletes a stage's outs before it runs the stage, but for those that persist
    kept = {path for stage in STAGES for path, options in outs(stage).items() if options.get("persist")}
    assert kept == {"model/model.pkl", "model/model.onnx", "model/manifest.json", "reports/final_report.pdf"}


def test_small_results_are_in_git_and_large_ones_in_dvc() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for stage in STAGES:
        for path, options in outs(stage).items():
            assert (f"/{path}" in ignored) == options.get("cache", True), path


def test_plots_are_of_tables_that_some_stage_writes() -> None:
    made = [path for stage in STAGES for path in outs(stage)]
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    for plot in plots:
        ((_, settings),) = plot.items()
        for table in settings["y"]:
            assert any(table == path or table.startswith(f"{path}/") for path in made), table


def test_imports_are_followed_through_packages_and_from_imports(tmp_path: Path) -> None:
    # Given a module that imports another as a name of its package, which imports a third
    (tmp_path / "stages").mkdir()
    for name, text in {"__init__": "", "a": "from stages import b", "b": "import stages.c", "c": "", "d": ""}.items():
        (tmp_path / f"stages/{name}.py").write_text(text)

    # When its closure is asked for
    found = closure("stages.a", tmp_path)

    # Then all three are in it, and the package; what nobody imports is not
    assert found == {f"stages/{name}.py" for name in ("__init__", "a", "b", "c")}
