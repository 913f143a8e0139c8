"""``python -m app`` and the command ``caseworth``."""

from __future__ import annotations

import multiprocessing
import runpy
import sys


def main() -> int:
    """Run the command line; returns the exit status."""
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--child"]:  # a frozen program starts its children by its own name
        runpy.run_module(sys.argv[2], run_name="__main__")
        return 0
    from app.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
