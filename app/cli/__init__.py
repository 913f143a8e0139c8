"""The command line: the same use cases as the desk, one JSON object a command with ``--json``.

Exit status: 0 done, 1 what was given cannot be used (or a package does not verify), 2 wrong usage,
3 the machine lacks something, 130 cancelled.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from app.errors import Cancelled, EnvironmentFault, WorkbenchError


def run(arguments: Sequence[str]) -> int:
    """Parse, dispatch, and turn errors into messages on stderr."""
    from app.bootstrap.places import data_folder
    from app.bootstrap.portable import settle
    from app.cli.parser import build_parser

    _speak_utf8()
    given = build_parser().parse_args(arguments)
    try:
        settle()
        os.environ.setdefault("MPLCONFIGDIR", str(data_folder() / "matplotlib"))  # the list of fonts it keeps
        return int(given.command(given) or 0)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("caseworth: cancelled.", file=sys.stderr)
        return 130
    except WorkbenchError as error:
        print(f"caseworth: {error}", file=sys.stderr)
        return 130 if isinstance(error, Cancelled) else 3 if isinstance(error, EnvironmentFault) else 1


def _speak_utf8() -> None:
    """Names and reports are in any language, whatever the terminal's locale."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
