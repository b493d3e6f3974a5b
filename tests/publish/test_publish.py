"""A decision is published as it was recorded, about the very report that was signed, or not at all."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import small
from machine import needs
from pypdf import PdfReader
from report_build import CASES, build

from stages.approve.decision import Decision, DecisionError, parse, report_md5
from stages.lint_report.__main__ import describe, lint
from stages.publish.stamp import SIGNED, stamp

DECISION = Decision(
    decision="approve",
    by="Ada Lovelace",
    when="2026-11-05T09:08:07Z",
    note="",
    conditions="",
    model="0123456789ab",
    version="v1.2.0",
    commit="c" * 40,
    report_sha256="d" * 64,
)
NASTY = 'Ada "x" <b>&$HOME `id` Łovelace Москва: #1'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build(tmp_path_factory.mktemp("report"), **CASES["usual"]).read_bytes()


def text(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def attached(pdf: bytes, name: str) -> bytes:
    return PdfReader(io.BytesIO(pdf)).attachments[name][0]


@pytest.mark.parametrize(
    "decision",
    [
        DECISION,
        replace(DECISION, by=NASTY, decision="conditions", conditions="Bo: score a month of forecasts\nby 1 December"),
        replace(DECISION, by="A" * 300, note="a very long note, " * 900),
        replace(DECISION, by="東京", note="first\n\n\x07second"),
    ],
    ids=["plain", "conditions", "long", "other alphabets"],
)
def test_a_stamped_report_is_as_good_as_the_report(tmp_path: Path, report: bytes, decision: Decision) -> None:
    # given a report; when a decision is stamped on it
    copy = stamp(report, decision)
    (tmp_path / "copy.pdf").write_bytes(copy)
    # then nothing covers anything, all is tagged, linked and embedded
    names = {"dep_time", "dep_delay", "arr_time", "arr_delay"}
    assert list(describe(lint(tmp_path / "copy.pdf", names))) == []
    # and it says who decided what and when, on each page
    for page in PdfReader(io.BytesIO(copy)).pages:
        assert "Approved" in page.extract_text()
        assert "on 5 Nov 2026" in page.extract_text()


def test_what_was_signed_is_in_the_copy_byte_for_byte(report: bytes) -> None:
    decision = replace(DECISION, report_sha256=hashlib.sha256(report).hexdigest())
    copy = stamp(report, decision)
    # the file is attached, with the record that has its hash
    assert (
        hashlib.sha256(attached(copy, SIGNED)).hexdigest()
        == parse(attached(copy, "approval.yaml").decode()).report_sha256
    )
    # and each page still holds what it held
    for before, after in zip(PdfReader(io.BytesIO(report)).pages, PdfReader(io.BytesIO(copy)).pages, strict=False):
        parts = [part.get_object().get_data() for part in after["/Contents"]]
        assert before["/Contents"].get_object().get_data() in parts


def test_the_same_decision_makes_the_same_file(report: bytes) -> None:
    assert stamp(report, DECISION) == stamp(report, DECISION)
    assert stamp(report, DECISION) != stamp(report, replace(DECISION, by="Bo"))


@needs("qpdf")
def test_a_stamped_report_is_whole(tmp_path: Path, report: bytes) -> None:
    (tmp_path / "copy.pdf").write_bytes(stamp(report, DECISION))
    done = subprocess.run(["qpdf", "--check", tmp_path / "copy.pdf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "decision",
    [DECISION, replace(DECISION, decision="reject", version=None, note="no: 'never'\n#"), replace(DECISION, by=NASTY)],
)
def test_a_record_is_read_as_it_was_written(decision: Decision) -> None:
    assert parse(decision.text()) == decision


@pytest.mark.parametrize(
    "spoiled",
    ["", "a: [", "- 1", "decision: approve\n", DECISION.text() + "more: 1\n",
     DECISION.text().replace("v1.2.0", "../../x"),
     DECISION.text().replace("v1.2.0", "null"), DECISION.text().replace("approve", "yes"),
     DECISION.text().replace("d" * 64, "d" * 63)],
)  # fmt: skip
def test_a_record_that_make_approve_did_not_write_is_refused(spoiled: str) -> None:
    with pytest.raises(DecisionError, match="no record of `make approve`"):
        parse(spoiled)


def publish(folder: Path) -> tuple[int, str]:
    done = small.stage(folder, "publish")
    return done.returncode, done.stdout + done.stderr


def commit_record(folder: Path, old: str, new: str) -> None:
    small.edit(folder / "reports/approval.yaml", old, new)
    small.commit(folder, "an edited record")


@pytest.fixture(scope="module")
def approved(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small repository with its candidate approved, and the report as it was signed beside it."""
    folder = Path(shutil.copytree(ran, tmp_path_factory.mktemp("approved") / "repo", symlinks=True))
    shutil.copy(folder / "reports/final_report.pdf", folder.parent / "signed.pdf")
    arguments = ("--by", NASTY, "--decision", "conditions", "--note", "Bo: forecasts, by 1 December")
    done = small.run(folder, sys.executable, "-m", "stages.approve", *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def repository(approved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(approved, tmp_path / "repo", symlinks=True))


@pytest.mark.slow
def test_the_report_that_was_signed_is_published_though_another_was_made_since(
    approved: Path, repository: Path
) -> None:
    # given an approval, after which the report was made again; when it is published
    signed = (approved.parent / "signed.pdf").read_bytes()
    assert (repository / "reports/final_report.pdf").read_bytes() != signed
    code, said = publish(repository)
    # then the copy holds the one that was signed, and git sees that file as new and nothing else
    assert code == 0, said
    copy = (repository / "reports/published/v1.0.0.pdf").read_bytes()
    assert attached(copy, SIGNED) == signed
    assert "Approved with conditions" in text(copy)
    assert "Bo: forecasts, by 1 December" in text(copy)
    status = small.run(repository, "git", "status", "--porcelain").stdout
    assert status.split() == ["??", "reports/published/"]
    # and doing it again changes nothing
    code, said = publish(repository)
    assert code == 0
    assert "byte for byte" in said
    assert (repository / "reports/published/v1.0.0.pdf").read_bytes() == copy


def _no_record(folder: Path) -> None:
    (folder / "reports/approval.yaml").unlink()


def _edited(folder: Path) -> None:
    small.edit(folder / "reports/approval.yaml", "Bo: ", "Nobody: ")


def _edited_and_committed(folder: Path) -> None:
    commit_record(folder, "Bo: ", "Nobody: ")


def _no_tags(folder: Path) -> None:
    small.run(folder, "git", "tag", "--delete", "model@v1.0.0")


def _another_model(folder: Path) -> None:
    small.edit(folder / "model/champion.json", '"version": "', '"version": "0')
    small.commit(folder, "another")


def _another_model_without_approval(folder: Path) -> None:
    small.edit(folder / "model/champion.json", '"version": "', '"version": "0')


def _another_model_file(folder: Path) -> None:
    (folder / "model/champion/model.onnx").write_bytes(b"another")


def _tampered(folder: Path) -> None:
    """The signed report is changed where DVC keeps it."""
    parent = small.run(folder, "git", "show", "HEAD~1:dvc.lock").stdout
    md5 = report_md5(parent)
    kept = folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes() + b"\n% one more line")


def _lost(folder: Path) -> None:
    shutil.rmtree(folder / ".dvc/cache")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_no_record, "no decision is recorded"),
        (_edited, "is not what was committed"),
        (_edited_and_committed, "was edited after the decision"),
        (_no_tags, "there is no tag model@v1.0.0"),
        (_another_model, "the model in use is 0"),
        (_another_model_without_approval, "which git does not have: no approval made it"),
        (_another_model_file, "is missing or not the file"),
        (_tampered, "the signed report (SHA-256"),
        (_lost, "never fetched here"),
    ],
)
def test_what_the_record_does_not_vouch_for_is_refused(
    repository: Path, spoil: Callable[[Path], None], why: str
) -> None:
    spoil(repository)
    code, said = publish(repository)
    assert code == 1
    assert why in said
    assert "Traceback" not in said
    assert not (repository / "reports/published").exists()


def test_a_rejection_is_not_published_and_a_report_that_would_be_lost_is_not_signed(repo: Path) -> None:
    # given a report that DVC's cache does not hold, it cannot be signed, as approving makes another one
    md5 = report_md5((repo / "dvc.lock").read_text())
    kept = repo / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    content = kept.read_bytes()
    kept.chmod(0o644)
    kept.unlink()
    done = small.run(repo, sys.executable, "-m", "stages.approve", "--by", "Ada")
    assert done.returncode == 1
    assert "not in cache" in done.stderr
    assert not (repo / "reports/approval.yaml").exists()
    # and given it is back, a rejection is recorded, but not published
    kept.write_bytes(content)
    done = small.run(repo, sys.executable, "-m", "stages.approve", "--by", "Ada", "--decision", "reject")
    assert done.returncode == 0, done.stderr
    code, said = publish(repo)
    assert code == 1
    assert "Ada rejected model" in said


@pytest.mark.slow
def test_conditions_are_asked_for(repo: Path) -> None:
    done = small.run(
        repo, sys.executable, "-m", "stages.approve", "--by", "Ada", "--decision", "conditions", "--note", " "
    )
    assert done.returncode == 2
    assert "say what the conditions are" in done.stderr
    assert not (repo / "reports/approval.yaml").exists()
