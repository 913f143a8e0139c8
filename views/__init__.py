"""The window. The only package that imports PySide6."""

from __future__ import annotations

import ctypes
import sys

_MANY = 1 << 40  # references: more than a window can lose in years


def _keep_singletons() -> None:
    """Keep None, True and False alive under PySide6 6.12 on a Python older than 3.12.

    Its wheels are built against an interface in which these objects are immortal (PEP 683) and return them without
    taking a reference. Before Python 3.12 each such call drops one: after some thousand signals the interpreter aborts
    with "deallocating None". So their counts start where they cannot run out.
    """
    if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
        for each in (None, True, False, NotImplemented, Ellipsis):
            count = ctypes.c_ssize_t.from_address(id(each))
            count.value = max(count.value, _MANY)


_keep_singletons()
