"""Packs the service and its model as a bento whose version is the model's: `python -m serve.build`.

`bentoml build` does nearly the same; here the files are copied first, so that a model which DVC has linked from its
cache is packed as a file, never as a link, and the model is checked before it is packed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from serve.scoring import loader
from serve.settings import ROOT
from stages.core.errors import PipelineError, ServeError


def main() -> None:
    """Run the command; it ends with how to serve what was built."""
    argparse.ArgumentParser("python -m serve.build", description="Pack the service as a bento.").parse_args()
    try:
        tag, path = build(ROOT)
    except PipelineError as error:
        sys.exit(f"build: {error}")
    print(f"built {tag}\nserve it with: bentoml serve {path}")


def build(root: Path) -> tuple[str, Path]:
    """Build the bento of what would be served now, in place of one of the same version. Return its tag and folder."""
    os.environ["BENTOML_DO_NOT_TRACK"] = "True"
    import bentoml

    version = loader.load(root).manifest.version
    with tempfile.TemporaryDirectory(prefix="bento-") as folder:
        _copy_included(root, Path(folder))
        with contextlib.suppress(bentoml.exceptions.NotFound):
            bentoml.delete(f"predictor:{version}")
        try:
            bento = bentoml.bentos.build_bentofile("pyproject.toml", version=version, build_ctx=folder)
        except bentoml.exceptions.BentoMLException as error:
            raise ServeError(f"BentoML cannot build the service: {error}.") from None
        return str(bento.tag), Path(bento.path)


def _copy_included(root: Path, folder: Path) -> None:
    """Copy what pyproject.toml says goes into a bento, links followed."""
    shutil.copy(root / "pyproject.toml", folder)
    for pattern in tomllib.loads((root / "pyproject.toml").read_text())["tool"]["bentoml"]["build"]["include"]:
        for source in root.glob(pattern.removeprefix("/")):
            copy = folder / source.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)


if __name__ == "__main__":
    main()
