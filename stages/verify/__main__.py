"""`make verify`: prove that the committed `dvc.lock` is what the committed code makes of the committed data.

HEAD is proved, whatever else the working tree holds: by making it twice, which takes minutes, or with `--lock-only` by
hashes alone, which takes a second and no data.
"""

from __future__ import annotations

import argparse
import sys

from stages.core import run
from stages.core.errors import PipelineError
from stages.verify import clones, hashes


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="verify", description="Prove that the committed dvc.lock is what HEAD makes.")
    parser.add_argument("--lock-only", action="store_true", help="compare hashes, and make nothing: it needs no data")
    if not parser.parse_args().lock_only:
        run.stage("verify", clones.work)
        return
    try:
        print(hashes.check_lock())
    except PipelineError as error:
        sys.exit(f"verify: {error}")


if __name__ == "__main__":
    main()
