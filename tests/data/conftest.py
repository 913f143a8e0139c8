"""A real workspace in a temporary folder, and the rows that tests put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.cipher import AesGcmCipher
from app.domain.case import Case
from app.ports import Stores
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

KEY = bytes(range(32))


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Callable[..., StoredWorkspace]]:
    """Opens the workspace of the test, again and again if it closes it; closes what is left open."""
    from data.workspace import open_workspace

    opened: list[StoredWorkspace] = []

    def open_it(key: bytes = KEY, **options: Any) -> StoredWorkspace:
        folder = tmp_path / "workspace"
        folder.mkdir(exist_ok=True)
        options = {"clock": FixedClock(), "memory_limit_mb": 512, "threads": 2} | options
        opened.append(open_workspace(folder, lambda path: key, AesGcmCipher, **options))
        return opened[-1]

    yield open_it
    for workspace in opened:
        workspace.close()


@pytest.fixture
def workspace(open_folder: Callable[..., StoredWorkspace]) -> StoredWorkspace:
    return open_folder()


@pytest.fixture
def add_case() -> Callable[..., Case]:
    """Adds a case with usual values for what the test does not give."""

    def add(stores: Stores, **given: Any) -> Case:
        usual: dict[str, Any] = {
            "reference": "A-1",
            "applicant": "Zinaida Quistgaard",
            "product": "instalment-loan",
            "amount": Decimal(12000),
            "currency": "EUR",
            "term_months": 36,
            "received_on": date(2026, 10, 28),
        }
        return stores.cases.add(**(usual | given))

    return add
