"""`make remote`: name the place where clones share what DVC keeps, once it has taken, given back and lost a file.

The address and its settings go into `.dvc/config`, which git has; secrets into `.dvc/config.local`, which it has not.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from stages.core.errors import PipelineError
from stages.core.files import write_bytes
from stages.leftovers import recover
from stages.storage.address import CONFIGS, find_kind
from stages.storage.clients import install
from stages.storage.remote import Remote

NAME = "store"
COMMITTED = {
    "account_name", "allow_anonymous_login", "auth", "client_id", "connect_timeout", "endpointurl", "jobs",
    "listobjects", "method", "port", "profile", "projectname", "read_timeout", "region", "ssl_verify", "tenant_id",
    "timeout", "use_ssl",
}  # fmt: skip
"""Settings of DVC's remotes that are everybody's; any other may be one person's own, or a secret."""


def set_remote(url: str, settings: dict[str, str]) -> None:
    """Make it the default remote. Raises PipelineError, with the old settings back, where it does not hold files."""
    kind = find_kind(url)
    parts = urlsplit(url)
    if parts.password or parts.query or (kind in ("http", "https") and parts.username):
        raise PipelineError('the address holds a secret, which git would keep: give it as SET="password=…".')
    install(kind)
    before = {path: path.read_bytes() if path.exists() else None for path in CONFIGS}
    try:
        where = url if kind != "file" else str(Path(url.removeprefix("file://")).absolute())
        _configure(where, settings)
        remote = Remote()
        if remote.url != where:
            raise PipelineError(f".dvc/config.local says otherwise: {remote.url} is the default remote.")
        if kind in ("http", "https"):  # DVC cannot remove anything there
            remote.check()
        else:
            remote.prove()
    except BaseException:
        for path, content in before.items():
            path.unlink(missing_ok=True) if content is None else write_bytes(path, content)
        raise


def _configure(url: str, settings: dict[str, str]) -> None:
    for former in (["remote", "remove", "--local", NAME], ["config", "--local", "--unset", "core.remote"]):
        subprocess.run(["dvc", *former], capture_output=True, check=False)  # what was one's own of another address
    _dvc("remote", "add", "--force", "--default", NAME, url)
    _dvc("remote", "modify", NAME, "verify", "true")  # else DVC takes what was cut off for whole
    for key, value in settings.items():
        _dvc("remote", "modify", *([] if key in COMMITTED else ["--local"]), NAME, key, value)


def _dvc(*arguments: str) -> None:
    done = subprocess.run(["dvc", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PipelineError((done.stderr or done.stdout).strip().removeprefix("ERROR: ").rstrip(".") + ".")


def parse_settings(text: str) -> dict[str, str]:
    """Return the settings of `key=value key=value`, quoted as in a shell. Raises PipelineError for one without."""
    try:
        pairs = [part.partition("=") for part in shlex.split(text)]
    except ValueError as error:
        raise PipelineError(f"SET: {error}.") from None
    for key, _, value in pairs:
        if not key or not value:
            raise PipelineError(f"SET: '{key}' has no value; give it as key=value, such as endpointurl=https://….")
    return {key: value for key, _, value in pairs}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="remote", description="Set where clones share what DVC keeps.")
    parser.add_argument("url", help="s3://bucket/folder, ssh://host/folder, gs://…, azure://…, https://… or a folder")
    parser.add_argument("--set", default="", help="settings of DVC's remote, key=value, separated by blanks")
    asked = parser.parse_args()
    try:
        if not asked.url:
            raise PipelineError('no address was given: make remote URL=s3://bucket/folder (SET="key=value" for more).')
        recover()
        set_remote(asked.url, parse_settings(asked.set))
    except PipelineError as error:
        sys.exit(f"remote: {error} Nothing was changed.")
    what = "answers" if asked.url.startswith("http") else "took a file, gave it back and removed it"
    print(f"{asked.url} {what}. It is the default remote, '{NAME}'.")
    print('Next: git add .dvc/config && git commit --message "A remote", then make push')


if __name__ == "__main__":
    main()
