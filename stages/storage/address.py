"""The address of the remote: which one is set, and of what kind it is."""

from __future__ import annotations

import re
from pathlib import Path

from stages.core.errors import PipelineError, did_you_mean

CONFIGS = (Path(".dvc/config"), Path(".dvc/config.local"))
KINDS = ("s3", "ssh", "gs", "azure", "http", "https", "file")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
EXAMPLES = "s3://bucket/folder, ssh://host/folder, gs://…, azure://…, https://… or a folder"


def find_url() -> str:
    """Return the address of the default remote; nothing where there is none."""
    if not any(path.exists() and "remote" in path.read_text(encoding="utf-8") for path in CONFIGS):
        return ""  # as in most: DVC's own reader takes a third of a second to come
    from dvc.config import Config, ConfigError

    try:
        found = Config(str(CONFIGS[0].parent.absolute()), validate=False)
    except ConfigError as error:
        raise PipelineError(f"DVC's configuration cannot be read: {error}") from None
    return str(found["remote"].get(found["core"].get("remote"), {}).get("url", ""))


def find_kind(url: str) -> str:
    """Return the kind of address, `file` for a folder. Raises PipelineError for one that DVC has no client for."""
    found = SCHEME.match(url)
    kind = found[1].lower() if found else "file"
    if kind not in KINDS:
        raise PipelineError(f"'{url}' is no address of a remote; give {EXAMPLES}.{did_you_mean(kind, KINDS)}")
    return kind
