"""What DVC keeps is shared by a remote, and no byte of it is believed: a real S3 and SSH server, and a folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import machine
import pytest
import remotes
import small
import yaml
from remotes import Store

from stages.storage.outputs import digest_folder

KINDS = ["folder", "s3", pytest.param("ssh", marks=machine.needs("sshd"))]
CACHE = Path(".dvc/cache/files/md5")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "server"
    folder.mkdir()
    if request.param == "folder":
        yield remotes.Folder(folder / "kept")
    else:
        with (remotes.serve_s3 if request.param == "s3" else remotes.serve_ssh)(folder) as server:
            yield server


def call(folder: Path, store: Store, command: str, *arguments: str) -> CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", f"stages.{command}", *arguments, **store.environment)


def share(repo: Path, store: Store) -> None:
    """Set the remote, push, and commit."""
    found = call(repo, store, "remote", store.url, f"--set={store.settings}")
    assert found.returncode == 0, found.stderr
    small.commit(repo, "a remote")
    found = call(repo, store, "push")
    assert found.returncode == 0, found.stderr


def clone(repo: Path, store: Store) -> Path:
    """What a second person has: the commits, and keys of their own."""
    other = repo.parent / "other"
    assert small.run(repo.parent, "git", "clone", "--quiet", str(repo), str(other)).returncode == 0
    if "keyfile" in store.settings:
        shutil.copy(repo / ".dvc/config.local", other / ".dvc/config.local")
    return other


def md5_of(repo: Path, path: str) -> str:
    lock = yaml.safe_load((repo / "dvc.lock").read_text())
    return next(str(out["md5"]) for stage in lock["stages"].values() for out in stage["outs"] if out["path"] == path)


def flip(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def damage(path: Path) -> None:
    """Flip a bit of a file, so that DVC does not see it: neither date, size nor rights change."""
    status = path.stat()
    content = flip(path.read_bytes())
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(content)
    path.chmod(status.st_mode)
    small.os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_second_person_pulls_what_the_first_one_pushed(repo: Path, store: Store) -> None:
    # given a repository that was shared
    share(repo, store)
    config = (repo / ".dvc/config").read_text()
    assert "verify = true" in config
    assert "keyfile" not in config

    # when somebody clones it and makes it
    other = clone(repo, store)
    made = call(other, store, "repro")

    # then nothing runs, and everything is there
    assert made.returncode == 0, made.stderr
    assert "Running stage" not in made.stdout
    assert small.run(other, "dvc", "status", "--quiet").returncode == 0
    assert (other / "model/model.onnx").read_bytes() == (repo / "model/model.onnx").read_bytes()
    assert not small.run(other, "git", "status", "--porcelain").stdout


def test_what_is_bad_on_the_remote_is_named_refused_and_sent_again(repo: Path, store: Store) -> None:
    # given objects that are cut off, flipped and gone
    share(repo, store)
    raw = max((repo / "data/raw").glob("*.csv"))
    cut, flipped = (md5_of(repo, name) for name in ("model/model.onnx", "data/features.csv"))
    gone = hashlib.md5(raw.read_bytes(), usedforsecurity=False).hexdigest()
    good = {md5: store.read(md5) for md5 in (cut, flipped, gone)}
    store.write(cut, (good[cut] or b"")[:100])
    store.write(flipped, flip(good[flipped] or b""))
    store.write(gone, None)

    # when a second person makes it, then no bad byte is taken: what cannot be pulled is made
    other = clone(repo, store)
    made = call(other, store, "repro")
    assert made.returncode == 0, made.stderr
    for name in ("model/model.onnx", "data/features.csv", f"data/raw/{raw.name}"):
        assert (other / name).read_bytes() == (repo / name).read_bytes()

    # and each is named, sent again where its size tells it, and all of them with FIX=1
    told = call(repo, store, "verify_data", "--remote")
    assert told.returncode == 1
    lines = [line for line in told.stderr.splitlines() if "in the remote" in line]
    assert sorted(line.split()[0] for line in lines) == [
        "data/features.csv",
        f"data/raw/{raw.name}",
        "model/model.onnx",
    ]
    sent = call(repo, store, "push").stdout
    assert re.search("[23] had to be sent.$", sent), sent  # from a folder DVC has removed what it found flipped
    assert (store.read(cut), store.read(gone)) == (good[cut], good[gone])
    fixed = call(repo, store, "verify_data", "--remote", "--fix")
    assert fixed.returncode == 0, fixed.stderr
    assert store.read(flipped) == good[flipped]


@pytest.mark.parametrize("bad", ["cache", "workspace", "cache workspace", "cache workspace remote"])
@pytest.mark.parametrize("pattern", ["model/model.onnx", "data/raw/*.csv"])
def test_a_flipped_bit_is_found_wherever_it_is_and_put_right(
    repo: Path, tmp_path: Path, bad: str, pattern: str
) -> None:
    # given bits that flipped, which DVC does not see
    store = remotes.Folder(tmp_path / "kept")
    share(repo, store)
    name = max(repo.glob(pattern)).relative_to(repo).as_posix()
    whole = (repo / name).read_bytes()
    assert small.run(repo, "dvc", "status", "--quiet").returncode == 0
    listed = small.run(repo, "dvc", "list", ".", "--dvc-only", "--recursive", "--show-hash").stdout
    md5 = next(line.split()[0] for line in listed.splitlines() if line.endswith(name))
    places = {"cache": repo / CACHE / md5[:2] / md5[2:], "workspace": repo / name}
    for place in bad.split():
        if place == "remote":
            store.write(md5, flip(store.read(md5) or b""))
        else:
            damage(places[place])
    assert small.run(repo, "dvc", "status", "--quiet").returncode == 0

    # when every byte is read
    told = call(repo, store, "verify_data", "--remote")

    # then each is named, with where it can be had, and FIX=1 gets it from there
    assert told.returncode == 1
    lines = [line for line in told.stderr.splitlines() if name in line]
    named = [line.rpartition("damaged in the ")[2].partition(":")[0] for line in lines]
    assert named == [place for place in ("workspace", "cache", "remote") if place in bad]
    fixed = call(repo, store, "verify_data", "--remote", "--fix")
    assert fixed.returncode == 0, fixed.stderr + fixed.stdout
    assert (repo / name).read_bytes() == places["cache"].read_bytes() == store.read(md5) == whole
    assert call(repo, store, "verify_data", "--remote").returncode == 0


@pytest.mark.parametrize("whole", [True, False], ids=["with the cache", "all there is"])
def test_a_damaged_object_of_the_remote_goes_only_where_it_can_be_replaced(
    repo: Path, tmp_path: Path, whole: bool
) -> None:
    # given an object that is cut off on the remote, and here as it was, or nowhere
    with remotes.serve_s3(tmp_path) as store:
        share(repo, store)
        md5 = md5_of(repo, "data/clean.csv")
        good = store.read(md5) or b""
        store.write(md5, good[:100])
        if not whole:
            (repo / CACHE / md5[:2] / md5[2:]).unlink()
            (repo / "data/clean.csv").unlink()
            small.edit(repo / "params.yaml", "learning_rate: 0.1", "learning_rate: 0.2")  # then no stage is run for it
        found = call(repo, store, "verify_data", "--remote", "--fix")
        assert found.returncode == (0 if whole else 1)
        assert store.read(md5) == (good if whole else good[:100])


def test_a_remote_that_somebody_else_set_is_not_believed_either(repo: Path, tmp_path: Path) -> None:
    # given a remote without `verify`, by another name, with a flipped bit
    store = remotes.Folder(tmp_path / "kept")
    store.folder.mkdir()
    assert small.run(repo, "dvc", "remote", "add", "--default", "mine", store.url).returncode == 0
    small.commit(repo, "a remote")
    assert call(repo, store, "push").returncode == 0
    md5 = md5_of(repo, "model/model.onnx")
    path = store.folder / "files/md5" / md5[:2] / md5[2:]
    damage(path)
    # then a clone makes what it does not have whole
    other = clone(repo, store)
    made = call(other, store, "repro")
    assert made.returncode == 0, made.stderr
    assert (other / "model/model.onnx").read_bytes() == (repo / "model/model.onnx").read_bytes()


def test_what_was_replaced_twice_is_there_twice(repo: Path, tmp_path: Path) -> None:
    store = remotes.Folder(tmp_path / "kept")
    for text in ("one", "two"):
        (repo / "model/model.onnx").write_text(text)
        assert call(repo, store, "verify_data", "--fix").returncode == 0
    found = sorted((repo / ".dvc/tmp/damaged").rglob("model.onnx"))
    assert [path.read_text() for path in found] == ["one", "two"]


def test_what_git_has_is_put_back_from_there(repo: Path, tmp_path: Path) -> None:
    whole = (repo / "metrics/train.json").read_bytes()
    (repo / "metrics/train.json").write_text("{}")
    found = call(repo, remotes.Folder(tmp_path), "verify_data", "--fix")
    assert found.returncode == 0, found.stderr
    assert (repo / "metrics/train.json").read_bytes() == whole


def test_a_folder_is_listed_as_dvc_lists_it(repo: Path) -> None:
    # given names that stand otherwise where folders are compared part by part
    for name in ("sub.csv", "sub/b.csv", "sub-a/c.csv"):
        path = repo / "data/raw" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    assert small.run(repo, "dvc", "commit", "--force", "ingest").returncode == 0
    assert digest_folder(repo / "data/raw") == md5_of(repo, "data/raw")


def test_what_nobody_has_is_said(repo: Path, tmp_path: Path) -> None:
    # given a source that DVC keeps, whose bytes are gone everywhere
    (repo / "data/large.csv.dvc").write_text(f"outs:\n- md5: {'a' * 32}\n  size: 9\n  path: source/large.csv\n")
    found = call(repo, remotes.Folder(tmp_path), "verify_data")
    assert found.returncode == 1
    missing = "data/source/large.csv (from data/large.csv.dvc) is missing in the cache"
    assert f"{missing}: nothing here has it: ask for the file, or for a remote that has it" in found.stderr


def test_a_push_that_is_cut_goes_on_where_it_was(repo: Path, tmp_path: Path) -> None:
    # given a server of S3, and a way to it that ends after the first bytes
    with remotes.serve_s3(tmp_path) as bucket:
        assert call(repo, bucket, "remote", bucket.url, f"--set={bucket.settings}").returncode == 0
        direct = int(bucket.settings.rpartition(":")[2])
        way = remotes.Cut(direct, 60_000)
        config = repo / ".dvc/config"
        small.edit(config, f":{direct}", f":{way.port}")

        # when it is pushed, then it says so, and nothing is lost
        cut = small.run(repo, sys.executable, "-m", "stages.push", **bucket.environment, AWS_MAX_ATTEMPTS="1")
        assert cut.returncode == 1
        assert bucket.url in cut.stderr
        assert call(repo, bucket, "verify_data").returncode == 0

        # and the next push sends the rest
        small.edit(config, f":{way.port}", f":{direct}")
        assert call(repo, bucket, "push").returncode == 0
        assert call(repo, bucket, "verify_data", "--remote").returncode == 0


def test_damage_in_the_cache_is_not_sent(repo: Path, tmp_path: Path) -> None:
    store = remotes.Folder(tmp_path / "kept")
    assert call(repo, store, "remote", store.url).returncode == 0
    md5 = md5_of(repo, "model/model.onnx")
    damage(repo / CACHE / md5[:2] / md5[2:])
    found = call(repo, store, "push")
    assert found.returncode == 1
    assert "model/model.onnx (of stage save) is damaged in the cache. Nothing was sent." in found.stderr
    assert store.read(md5) is None


@pytest.mark.parametrize(
    ("url", "settings", "said"),
    [
        ("", "", "no address was given"),
        ("sshh://host/x", "", "Did you mean 'ssh'?"),
        ("ssh://ada:secret@127.0.0.1/x", "", "holds a secret"),
        ("s3://nobody/x", "endpointurl=http://127.0.0.1:9 ", "did not take a file of 64 bytes"),
        ("s3://team/x", "endpoint=http://127.0.0.1:9", "extra keys not allowed"),
        ("s3://team/x", "endpointurl", "'endpointurl' has no value"),
        ("s3://team/x", 'a="b', "SET: No closing quotation"),
        ("https://token@127.0.0.1/x", "", "holds a secret"),
        ("http://127.0.0.1:9/x", "", "cannot be reached"),
        ("/proc/none", "", "did not take a file"),
    ],
)
def test_a_remote_that_does_not_hold_files_changes_nothing(repo: Path, url: str, settings: str, said: str) -> None:
    before = (repo / ".dvc/config").read_bytes()
    found = small.run(repo, sys.executable, "-m", "stages.remote", f"--set={settings}", "--", url, AWS_MAX_ATTEMPTS="1",
                      **remotes.KEYS)  # fmt: skip
    assert found.returncode == 1
    assert re.search(re.escape(said), found.stderr), found.stderr
    assert (repo / ".dvc/config").read_bytes() == before


def test_without_the_remote_it_is_made_here(repo: Path, tmp_path: Path) -> None:
    # given a clone of a repository whose remote is out of reach
    store = remotes.Folder(tmp_path / "kept")
    share(repo, store)
    other = clone(repo, store)
    store.folder.rename(tmp_path / "away")
    # then it says so, and makes the same
    made = call(other, store, "repro")
    assert made.returncode == 0, made.stderr
    assert "is not there. What it may have is made here instead." in made.stderr
    assert not small.run(other, "git", "status", "--porcelain").stdout
