"""The address of the remote: which one is set, and of what kind it is."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from stages.core.errors import PipelineError, did_you_mean

CONFIGS = (Path(".dvc/config"), Path(".dvc/config.local"))
KINDS = ("s3", "ssh", "gs", "azure", "http", "https", "file")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
EXAMPLES = "s3://bucket/folder, ssh://host/folder, gs://…, azure://…, https://… or a folder"


def find_url() -> str:
    """Return the address of the default remote; nothing where there is none."""
    found = configparser.ConfigParser(interpolation=None)
    for path in CONFIGS:
        found.read(path, encoding="utf-8")
    name = found.get("core", "remote", fallback="")
    return found.get(f"'remote \"{name}\"'", "url", fallback="") if name else ""


def find_kind(url: str) -> str:
    """Return the kind of address, `file` for a folder. Raises PipelineError for one that DVC has no client for."""
    found = SCHEME.match(url)
    kind = found[1].lower() if found else "file"
    if kind not in KINDS:
        raise PipelineError(f"'{url}' is no address of a remote; give {EXAMPLES}.{did_you_mean(kind, KINDS)}")
    return kind
