"""The optional extra ``modelling``: imported when a fit begins, never before."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from app.errors import EnvironmentFault

REMEDY = (
    "The installed program leaves fitting out: fit where Caseworth was set up from its source, and bring the scorecard."
    if getattr(sys, "frozen", False)
    else "Run: pip install 'caseworth[modelling]'"
)


def need(module: str) -> Any:
    """A module of the extra. Raises ``EnvironmentFault`` with the remedy where it is not installed."""
    try:
        with quiet():
            return import_module(module)
    except ImportError as exc:
        raise EnvironmentFault(
            f"Fitting needs {module.split('.')[0]}, which is not installed.",
            remedy=REMEDY,
        ) from exc


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings and log lines of the extra's own dependencies, which no person here can act on."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
