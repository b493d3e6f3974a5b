"""A typo in params.yaml is an error that names the place and the nearest key."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from stages.clean.params import Clean
from stages.core import params
from stages.core.errors import ParamsError
from stages.evaluate.params import Evaluate
from stages.features.params import Features
from stages.ingest.params import Ingest
from stages.model.params import Train
from stages.tune.params import Tune

ROOT = Path(__file__).resolve().parents[2]
SECTIONS: dict[str, type[params.Params]] = {
    "ingest": Ingest,
    "clean": Clean,
    "features": Features,
    "train": Train,
    "evaluate": Evaluate,
    "tune": Tune,
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes params.yaml, the shipped one with some keys changed, and gives its path."""

    def written(section: str, **changes: Any) -> Path:
        shipped = params.read(ROOT / "params.yaml")
        for key, value in changes.items():
            shipped[section][key] = value
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(shipped), encoding="utf-8")
        return path

    return written


def test_dvc_changes_one_line_of_the_shipped_file(tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "params.yaml", tmp_path))

    apply_overrides(path, ["train.learning_rate=0.05"])

    old, new = (ROOT / "params.yaml").read_text().splitlines(), path.read_text().splitlines()
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    assert changed == [("  learning_rate: 0.1", "  learning_rate: 0.05")]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_shipped_sections_load(section: str) -> None:
    assert isinstance(params.load(section, SECTIONS[section], ROOT / "params.yaml"), SECTIONS[section])


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        ("ingest", {"timeout_second": 1}, r"ingest: unknown key 'timeout_second'. Did you mean 'timeout_seconds'\?"),
        ("clean", {"max_invalids": 1}, r"clean: unknown key 'max_invalids'. Did you mean 'max_invalid'\?"),
        ("clean", {"joins": {"a": {"on": ["b"], "column": {}}}}, r"clean.joins.*: unknown key 'column'.* 'columns'\?"),
        ("clean", {"qqqqqq": 1}, "clean: unknown key 'qqqqqq'.$"),
        ("clean", {"max_invalid": "few"}, "clean.max_invalid: Expected `float`, got `str`"),
        ("clean", {"max_invalid": 2}, r"clean.max_invalid: Expected `float` <= 1"),
        ("clean", {"drop": "year"}, r"clean.drop: Expected `object \| array`, got `str`"),
        ("clean", {"ids": ["flight", 7]}, r"clean.ids\[1\]: Expected `str`, got `int`"),
        ("clean", {"positive": True}, r"clean.positive: Expected `str \| null`, got `bool`"),
        ("clean", {"dates": {"date": ["year", "month"]}}, "clean.dates.*: Expected `array` of length 3"),
        ("features", {"derive": [{"name": "a", "kind": "b", "off": []}]}, r"derive\[0\]: unknown key 'off'.* 'of'\?"),
        ("features", {"split": {"by": "tme"}}, r"split.by: 'tme' is not allowed. It can be .* Did you mean 'time'\?"),
        ("train", {"estimator": "extra_trees"}, "train.estimator: 'extra_trees' is not allowed. It can be boosting, "),
        ("evaluate", {"gates": {"a": {"level": "may", "metric": "auc"}}}, "gates.*.level: 'may' .* be must, should."),
        ("clean", {"task": "binry"}, r"clean.task: 'binry' .* binary, multiclass, regression. .* 'binary'\?"),
        ("features", {"split": {"by": "time", "test_from": "soon"}}, "features.split.test_from: Invalid RFC3339"),
        ("features", {"split": {"by": "hash", "test": 1.5}}, "features.split.test: Expected `float` < 1"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_type_is_named_with_its_path(
    write: Any, section: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParamsError, match=message):
        params.load(section, SECTIONS[section], write(section, **changes))


def test_a_required_key_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("clean: {table: a}\n")

    with pytest.raises(ParamsError, match="clean: Object missing required field `target`"):
        params.load("clean", Clean, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claen: {}\n", r"has no section 'clean'. Did you mean 'claen'\?"),
        ("clean: [1]\n", "clean: Expected `object`, got `array`"),
        ("- clean\n", "must hold one section for each stage, but holds list"),
        ("", "must hold one section for each stage, but holds NoneType"),
        ("clean: {a: [}\n", "is not valid YAML"),
    ],
)
def test_a_file_that_is_no_params_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)

    with pytest.raises(ParamsError, match=message):
        params.load("clean", Clean, path)


def test_a_missing_file_says_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"is missing\. Run the command from the top folder"):
        params.load("clean", Clean, tmp_path / "params.yaml")


def test_params_do_not_change_once_loaded() -> None:
    section = params.load("clean", Clean, ROOT / "params.yaml")

    with pytest.raises(AttributeError):
        section.table = "planes"  # type: ignore[misc]
    assert msgspec.structs.replace(section, table="planes").table == "planes"


def test_the_file_is_read_as_dvc_writes_it(tmp_path: Path) -> None:
    # given what DVC makes of quoted words, and a number as people write it
    path = tmp_path / "params.yaml"
    path.write_text("clean: {positive: yes, on: [1e-5]}\n", encoding="utf-8")
    # then yes and on are texts, and the number is one
    assert params.read(path) == {"clean": {"positive": "yes", "on": [1e-5]}}
