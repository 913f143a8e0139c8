"""``python -m app`` and the command ``caseworth``."""

from __future__ import annotations

import sys

CHILDREN = ("local_models.chat", "local_models.probe", "local_models.worker")
"""Modules that the frozen program runs as processes of their own; those that read files are spawned."""


def main() -> int:
    """Run the command line; returns the exit status."""
    if getattr(sys, "frozen", False):
        _serve_as_child()
    from app.cli import run

    return run(sys.argv[1:] or (["desk"] if _started_by_a_click(sys.executable) else []))


def _started_by_a_click(program: str) -> bool:
    """Whether it is the program of Windows' or macOS' shell, which name no command."""
    frozen = getattr(sys, "frozen", False)
    return frozen and ("caseworth-desk" in program or ".app/Contents/MacOS" in program)


def _serve_as_child() -> None:
    """A frozen program starts its children by its own name; a child does its work here and never returns."""
    import multiprocessing
    import runpy

    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--child"] and sys.argv[2:3] and sys.argv[2] in CHILDREN:
        runpy.run_module(sys.argv[2], run_name="__main__")
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
