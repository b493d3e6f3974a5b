"""`python -m stages.adopt` in a repository of its own: what it says, writes, refuses, and leaves alone."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import small
from examples import shortly
from web import Answer, served

from stages.core.errors import PipelineError
from stages.core.params import read as read_params
from stages.leftovers import recover
from stages.transaction import replacement

TABLES = Path(__file__).parents[1] / "tables"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of the flights with some outputs, all committed, as the current folder."""
    folder = small.build(tmp_path / "repo")
    (folder / "metrics").mkdir()
    (folder / "metrics/train.json").write_text("{}\n", encoding="utf-8")
    (folder / "dvc.lock").write_text("schema: '2.0'\n", encoding="utf-8")
    (folder / "model/champion/manifest.json").write_text("{}\n", encoding="utf-8")
    small.commit(folder, "outputs")
    monkeypatch.chdir(folder)
    return folder


def adopt(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", "stages.adopt", *arguments, **environment)


def status(folder: Path) -> str:
    return small.run(folder, "git", "status", "--porcelain", "--untracked-files=all").stdout


def params(folder: Path) -> dict[str, Any]:
    return read_params(folder / "params.yaml")


@pytest.mark.parametrize(
    ("name", "target", "task"),
    [
        ("penguins.csv", "Species", "multiclass"),
        pytest.param("tumours.csv", "diagnosis", "binary", marks=pytest.mark.slow),
        pytest.param("cars.tsv", "Miles per gallon", "regression", marks=pytest.mark.slow),
    ],
)
def test_a_table_as_it_is_found_takes_the_old_ones_place(repo: Path, name: str, target: str, task: str) -> None:
    done = adopt(repo, str(TABLES / name), "--target", target)

    assert done.returncode == 0, done.stderr
    assert f"target {target}: {task}" in done.stdout
    assert params(repo)["clean"]["target"] == target
    assert params(repo)["clean"]["task"] == task
    placed = [path.name for path in (repo / "data/source").iterdir()]
    assert sorted(placed) == ["README.md", name]
    assert (repo / "data/source" / name).read_bytes() == (TABLES / name).read_bytes()
    assert not (repo / "dvc.lock").exists()
    assert not (repo / "metrics/train.json").exists()
    assert not (repo / "model/champion/manifest.json").exists()
    assert (repo / "model/champion.json").read_text(encoding="utf-8") == '{\n  "version": null\n}\n'
    assert not list(repo.glob(".adopt-*"))


@pytest.mark.slow
def test_the_same_table_gives_the_same_file_again(repo: Path) -> None:
    adopt(repo, str(TABLES / "penguins.csv"), "--target", "Species")
    first = (repo / "params.yaml").read_bytes()
    small.commit(repo, "adopted")

    adopt(repo, str(TABLES / "penguins.csv"), "--target", "Species", PYTHONHASHSEED="7")

    assert (repo / "params.yaml").read_bytes() == first
    assert not status(repo)


def test_work_that_git_does_not_have_is_not_replaced(repo: Path) -> None:
    (repo / "params.yaml").write_text("mine: 1\n", encoding="utf-8")

    done = adopt(repo, str(TABLES / "penguins.csv"), "--target", "Species")

    assert done.returncode == 1
    assert "there is work git does not have: params.yaml. Commit it" in done.stderr
    assert (repo / "params.yaml").read_text(encoding="utf-8") == "mine: 1\n"


@pytest.mark.slow
def test_the_table_itself_may_lie_uncommitted_in_the_repository(repo: Path) -> None:
    shutil.copy(TABLES / "penguins.csv", repo / "my penguins (1).csv")

    done = adopt(repo, "my penguins (1).csv", "--target", "Species")

    assert done.returncode == 0, done.stderr
    assert (repo / "data/source/my-penguins-1-.csv").exists()
    assert params(repo)["ingest"]["tables"] == {"my_penguins_1": ["my-penguins-1-.csv"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv", "--target", "x"], "there is no file nothing.csv"),
        ([str(TABLES / "penguins.csv"), "--target", "Specie"], "no column 'Specie'. Did you mean 'Species'?"),
        ([str(TABLES / "penguins.csv"), "--target", "Region"], "the target Region has only the value 'Anvers'"),
        ([str(TABLES / "penguins.csv"), "--target", "Species", "--drop", "Sexx"], "--drop: the table has no column"),
        ([str(TABLES / "penguins.csv"), "--target", "Species", "--time", "Sex"], "the column 'Sex' holds no dates"),
        ([str(TABLES / "penguins.csv"), "--target", "Species", "--task", "binary"], "a binary task has two"),
        ([str(TABLES / "penguins.csv"), "--target", "Species", "--task", "regression"], "needs a number"),
        ([str(TABLES / "tumours.csv"), "--target", "diagnosis", "--positive", "malign"], "Did you mean 'malignant'?"),
        ([str(TABLES / "penguins.csv"), str(TABLES / "cars.tsv"), "--target", "Species"], "has other columns than"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_changed(repo: Path, arguments: list[str], message: str) -> None:
    done = adopt(repo, *arguments)

    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not status(repo)


def test_a_stage_that_cannot_take_the_table_stops_it_before_anything_is_replaced(repo: Path, tmp_path: Path) -> None:
    rows = [f"{number % 7},{'rare' if number < 2 else 'usual'}\n" for number in range(300)]
    (tmp_path / "few.csv").write_text("".join(["x,answer\n", *rows]), encoding="utf-8")

    done = adopt(repo, str(tmp_path / "few.csv"), "--target", "answer")

    assert done.returncode == 1
    assert "no row of the class 'rare'" in done.stderr
    assert not status(repo)


def test_names_given_for_a_file_without_header_stand_in_params(repo: Path, tmp_path: Path) -> None:
    text = (TABLES / "cars.tsv").read_text(encoding="latin-1").partition("\n")[2]
    (tmp_path / "cars.data").write_text(text, encoding="latin-1")

    names = "name,mpg,cyl,disp,hp,wt,acc,year,origin"
    done = adopt(repo, str(tmp_path / "cars.data"), "--target", "mpg", "--names", names)

    assert done.returncode == 0, done.stderr
    assert params(repo)["ingest"]["names"]["cars"][:2] == ["name", "mpg"]
    assert "no header line" in done.stdout


@pytest.mark.slow
def test_a_column_without_a_name_is_said_by_its_place(repo: Path, tmp_path: Path) -> None:
    _, *rows = (TABLES / "penguins.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "bare.csv").write_text("".join(rows), encoding="utf-8")

    done = adopt(repo, str(tmp_path / "bare.csv"), "--target", "3", "--drop", "1,2")

    assert done.returncode == 0, done.stderr
    assert params(repo)["clean"]["target"] == "column_3"
    assert {"column_1", "column_2"} <= set(params(repo)["clean"]["drop"])


def test_a_file_without_header_says_how_to_name_its_columns(repo: Path, tmp_path: Path) -> None:
    text = (TABLES / "cars.tsv").read_text(encoding="latin-1").partition("\n")[2]
    (tmp_path / "cars.data").write_text(text, encoding="latin-1")

    done = adopt(repo, str(tmp_path / "cars.data"), "--target", "mpg")

    assert done.returncode == 1
    assert "column_1, column_2" in done.stderr
    assert "--names" in done.stderr


def test_lines_that_are_no_rows_are_said_and_set_aside(repo: Path, tmp_path: Path) -> None:
    rows = "".join(f"{number % 37}.5,{number % 7},{'yes' if number % 3 else 'no'}\n" for number in range(200))
    text = f"Export\nof May,,\n,,\namount,visits,churn\nEUR,count,\n{rows}amount,visits,churn\n5.5,2,maybe\nTotal,9,\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")

    done = adopt(repo, str(tmp_path / "t.csv"), "--target", "churn")
    for stage in ("ingest", "clean"):
        small.run(repo, sys.executable, "-m", f"stages.{stage}")

    assert "the table starts on line 4, below 'Export', 'of May'" in done.stdout
    assert (
        "set aside as no row but units or descriptions below the header: 1 (line 5), such as 'EUR,count,'"
        in done.stdout
    )
    assert "1 row of classes too rare" in done.stdout
    assert params(repo)["ingest"]["header"] == {"t": "churn"}
    assert (params(repo)["clean"]["task"], params(repo)["clean"]["rarest_class"]) == ("binary", 5)
    with (repo / "data/rejected.csv").open(encoding="utf-8") as file:
        rejected = [(row["file"], int(row["line"]), row["reason"]) for row in csv.DictReader(file)]
    assert rejected == [
        ("t.csv", 5, "no row but units or descriptions below the header"),
        ("t.csv", 206, "no row but the header again"),
        ("t.csv", 207, "class maybe has only 1 row"),
        ("t.csv", 208, "no row but a total"),
    ]
    metrics = json.loads((repo / "metrics/clean.json").read_text(encoding="utf-8"))
    assert (metrics["rows_in"], metrics["rows_out"]) == (204, 200)


@pytest.mark.slow
def test_several_files_are_one_table(repo: Path, tmp_path: Path) -> None:
    header, *rows = (TABLES / "penguins.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for part in range(3):
        (tmp_path / f"part {part}.csv").write_text("".join([header, *rows[part::3]]), encoding="utf-8")

    done = adopt(repo, f"{tmp_path}/part *.csv", "--target", "Species")

    assert done.returncode == 0, done.stderr
    assert params(repo)["ingest"]["tables"] == {"part_0": ["part-0.csv", "part-1.csv", "part-2.csv"]}
    assert "344 rows" in done.stdout


@pytest.mark.slow
def test_rows_are_split_by_time_where_a_time_is_named(repo: Path) -> None:
    done = adopt(repo, str(TABLES / "penguins.csv"), "--target", "Sex", "--time", "Date Egg")

    assert done.returncode == 0, done.stderr
    split = params(repo)["features"]["split"]
    assert (split["by"], split["column"]) == ("time", "Date Egg")
    assert params(repo)["evaluate"]["folds"] == 0


def test_a_table_is_fetched_from_an_address(repo: Path) -> None:
    content = gzip.compress((TABLES / "tumours.csv").read_bytes())

    with served() as web:
        web.answers = [Answer(503), Answer(200, content)]
        done = adopt(repo, f"{web.address}/data/tumours.csv.gz?download=1", "--target", "diagnosis")

    assert done.returncode == 0, done.stderr
    assert (repo / "data/source/tumours.csv.gz").read_bytes() == content


def killed(repo: Path, moment: int) -> None:
    """Adopt, and be killed before the so many-th change of the files here after it was decided."""
    changes = ["shutil.rmtree", "os.remove", "os.rename", "os.mkdir"]
    code = (
        "import os, signal, sys\n"
        "from stages.adopt import __main__ as adopt\n"
        "from stages.transaction import replacement\n"
        "count = 0\n"
        "def hook(event, arguments):\n"
        "    global count\n"
        f"    if replacement.DECIDED.exists() and event in {changes}:\n"
        f"        count += 1; count > {moment} and os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(hook)\n"
        f"sys.argv = ['adopt', {str(TABLES / 'penguins.csv')!r}, '--target', 'Species']\n"
        "adopt.main()\n"
    )
    done = small.run(repo, sys.executable, "-c", code)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("moment", shortly([1, 9], 9))
def test_an_adoption_that_is_killed_while_it_replaces_is_ended_by_the_next_command(repo: Path, moment: int) -> None:
    # given what an adoption that nobody kills makes
    whole = Path(shutil.copytree(repo, repo.parent / "whole", symlinks=True))
    assert adopt(whole, str(TABLES / "penguins.csv"), "--target", "Species").returncode == 0
    # and one that is killed while it replaces
    killed(repo, moment)
    # when the next adoption begins
    done = adopt(repo, str(TABLES / "cars.tsv"), "--target", "mpg")
    # then the first one is whole, and what git does not have is just what it made
    assert "An adoption was killed" in done.stderr
    assert "there is work git does not have" in done.stderr
    assert status(repo) == status(whole)
    assert (repo / "params.yaml").read_bytes() == (whole / "params.yaml").read_bytes()
    assert not (repo / replacement.DECIDED).exists()


def test_an_adoption_that_was_killed_does_not_replace_what_was_done_since(repo: Path) -> None:
    # given an adoption that was killed while it replaced
    killed(repo, 1)
    # when what it has removed is brought back, then the next command ends it all the same
    undone = Path(shutil.copytree(repo, repo.parent / "undone", symlinks=True))
    small.run(undone, "git", "checkout", ".")
    with contextlib.chdir(undone):
        recover()
    assert sorted(path.name for path in (undone / "data/source").iterdir()) == ["README.md", "penguins.csv"]
    assert params(undone)["clean"]["target"] == "Species"
    # when a file that it replaces is changed, or a commit made, then every command says so and changes nothing
    small.edit(repo / "params.yaml", "title: Late", "title: Mine")
    before = status(repo)
    for command in ("publish", "repro", "approve --by Ada", "adopt some.csv --target x"):
        name, *arguments = command.split()
        done = small.run(repo, sys.executable, "-m", f"stages.{name}", *arguments)
        assert done.returncode == 1, command
        assert "there is work that it would replace: params.yaml. Nothing was touched" in done.stderr, command
    assert status(repo) == before
    small.commit(repo, "mine")
    with pytest.raises(PipelineError, match=f"there are other commits.*rm -r {replacement.DECIDED}"):
        recover()
    # and when it is discarded, nothing is said any more
    shutil.rmtree(repo / replacement.DECIDED)
    assert recover() is None
    assert "title: Mine" in (repo / "params.yaml").read_text(encoding="utf-8")


def test_an_adoption_that_is_stopped_leaves_nothing_and_a_killed_one_for_the_next_command(repo: Path) -> None:
    for stop in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        # given an adoption at work on a table that takes its time to come
        with served() as web:
            web.answers = [Answer(503)]
            command = [sys.executable, "-m", "stages.adopt", f"{web.address}/a.csv", "--target", "x"]
            process = subprocess.Popen(
                command,
                cwd=repo,
                env=small.ENVIRONMENT,
                stderr=subprocess.DEVNULL,
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )
            while not list(repo.glob(".adopt-*.part")) and process.poll() is None:
                time.sleep(0.02)
            # when another command begins, then it leaves it alone
            assert recover() is None
            assert list(repo.glob(".adopt-*.part"))
            # and when it is stopped, then its folder is gone, at the latest with the next command
            process.send_signal(stop)
            assert process.wait(timeout=60) != 0
        assert bool(list(repo.glob(".adopt-*.part"))) == (stop == signal.SIGKILL)
        recover()
        assert not list(repo.glob(".adopt-*.part"))


@pytest.mark.parametrize("cache", ["whole", "broken"])
def test_a_large_file_whose_name_git_has_is_kept_by_dvc(
    repo: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    # given a source that git has, and one of its name that is too large for git
    shutil.copy(TABLES / "cars.tsv", repo / "data/source/penguins.csv")
    small.commit(repo, "small")
    folder = repo / ".adopt-test.part"
    (folder / replacement.SOURCE).mkdir(parents=True)
    shutil.copy(TABLES / "penguins.csv", folder / replacement.SOURCE)
    monkeypatch.setattr(replacement, "LARGEST_IN_GIT", 1000)
    monkeypatch.setattr(replacement.signals, "block", lambda: None)  # else this process would hear of no stop any more
    monkeypatch.setenv("PATH", small.ENVIRONMENT["PATH"])
    if cache == "broken":
        # when DVC cannot keep it, then its reason is said, and nothing was decided
        (repo / ".dvc/cache").write_text("")
        with pytest.raises(PipelineError, match=r"`dvc add data/source/penguins.csv` failed: .*cache"):
            replacement.replace(folder, "new: 1\n", "")
        assert not status(repo)
        assert not replacement.DECIDED.exists()
        return
    # when it takes its place, then git has its pointer alone
    replacement.replace(folder, "new: 1\n", "")
    small.commit(repo, "adopted")
    tracked = small.run(repo, "git", "ls-files", "data").stdout.split()
    assert tracked == ["data/penguins.csv.dvc", "data/source/.gitignore", "data/source/README.md"]
    assert not list((repo / "data/source").glob("*.dvc")), "a pointer there would be a source"
    # and DVC brings it
    (repo / "data/source/penguins.csv").unlink()
    done = small.run(repo, "dvc", "checkout", "data/penguins.csv.dvc")
    assert done.returncode == 0, done.stderr
    assert (repo / "data/source/penguins.csv").read_bytes() == (TABLES / "penguins.csv").read_bytes()
