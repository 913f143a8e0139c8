"""The OS keyrings that may hold a key: named backends only, each call in a thread with a time limit."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

T = TypeVar("T")


class Keyring(Protocol):
    """What is used of a ``keyring`` backend."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...


KeyringSource = Callable[[float], Keyring | None]
"""Gives the keyring to use, or None; its argument is the time limit of each call in seconds."""

BACKENDS = {
    "win32": ("keyring.backends.Windows:WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS:Keyring",),
    "linux": ("keyring.backends.SecretService:Keyring", "keyring.backends.kwallet:DBusKeyring"),
}
"""By platform. Never ``keyring.get_keyring()``: it may hand over a null, failing or plain-text one (keyrings.alt)."""


class KeyringError(Exception):
    """The keyring is missing, locked, refuses, or does not answer in time; the message says which."""


def find_keyring(limit_s: float) -> Keyring | None:
    """Return the first named backend that works here, or None.

    ``PYTHON_KEYRING_BACKEND`` is respected so far that naming any backend but these means: no keyring.
    """
    names = BACKENDS.get(sys.platform, ())
    chosen = os.environ.get("PYTHON_KEYRING_BACKEND")
    if chosen:
        names = tuple(name for name in names if name.replace(":", ".") == chosen)
    for name in names:
        try:
            return asked(partial(_backend, name), limit_s)
        except KeyringError:
            continue
    return None


def no_keyring(limit_s: float) -> Keyring | None:
    """The keyring of a machine without one."""
    return None


def asked(question: Callable[[], T], limit_s: float) -> T:
    """Return the keyring's answer; raises ``KeyringError`` when it fails or takes longer than ``limit_s``.

    A call that hangs is left behind in its daemon thread: nothing can end it but the end of the process.
    """
    answers: list[T] = []
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            answers.append(question())
        except BaseException as exc:  # noqa: BLE001  the thread's edge: backends raise what D-Bus or Windows give them
            failures.append(exc)

    thread = threading.Thread(target=ask, name="keyring", daemon=True)
    thread.start()
    thread.join(limit_s)
    if failures:
        raise KeyringError(f"{type(failures[0]).__name__}: {failures[0]}") from failures[0]
    if not answers:
        raise KeyringError(f"no answer within {limit_s:g} seconds")
    return answers[0]


def _backend(name: str) -> Keyring:
    module, _, cls = name.partition(":")
    backend_class = getattr(importlib.import_module(module), cls)
    if backend_class.priority <= 0:  # raises where the service is not there
        raise KeyringError(f"{name} is not recommended here")
    backend: Keyring = backend_class()
    return backend
