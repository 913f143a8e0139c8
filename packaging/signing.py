"""The hook for signing code: the build hands each file to a command of the lender's, and never sees a key.

``python packaging/signing.py SYSTEM FILE...`` runs the command in ``$CASEWORTH_SIGN_SYSTEM`` (``WINDOWS``, ``MACOS``,
``LINUX``) on each file, with the file's path put behind it. Without the variable nothing is signed, and that is said.
What the commands look like: docs/signing-code.md.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence

SYSTEMS = ("WINDOWS", "MACOS", "LINUX")


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2 or arguments[0] not in SYSTEMS:
        print(f"Usage: signing.py {'|'.join(SYSTEMS)} FILE...", file=sys.stderr)
        return 2
    system, *files = arguments
    signed = [sign(system, file) for file in files]
    if not all(signed):
        print(f"Not signed, for $CASEWORTH_SIGN_{system} names no command: {', '.join(files)}", file=sys.stderr)
    return 0


def sign(system: str, file: str) -> bool:
    """Whether there is a command and it signed the file; one that fails ends the build."""
    command = shlex.split(os.environ.get(f"CASEWORTH_SIGN_{system}", ""), posix=os.name != "nt")
    if not command:
        return False
    words = [word.strip('"') for word in command]  # which Windows' rules leave on
    try:
        done = subprocess.run([*words, file], check=False)
    except OSError as exc:
        sys.exit(f"The command of $CASEWORTH_SIGN_{system} cannot be run: {exc}")
    if done.returncode:
        sys.exit(f"Signing {file} failed: {words[0]} ended with code {done.returncode}.")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
