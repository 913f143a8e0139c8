"""The real desk over a workspace in memory, with a scripted language model in place of the one in its child process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from app.bootstrap import Desk
from app.wording_ports import WordingModel
from data.readers.pages import Pages
from tests.doubles import FixedClock, MemoryWorkspace

PAGES = Pages()  # one child for all tests of the window; the session's fixture ends it


class CaseDesk(Desk):
    """``scripted`` is what ``model`` opens, whatever name is asked for."""

    def __init__(self, workspace: MemoryWorkspace, *, person: str = "A. Lind", role: str = "underwriter") -> None:
        super().__init__(workspace, b"\x07" * 32, person=person, role=role)
        self.clock: Any = FixedClock(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
        self.scripted: WordingModel | None = None
        self.pages: Any = PAGES

    def warm_model(self) -> None:
        """The scripted model needs no loading."""

    @contextmanager
    def model(self, name: str | None = None) -> Iterator[WordingModel | None]:
        yield None if name == "none" else self.scripted
