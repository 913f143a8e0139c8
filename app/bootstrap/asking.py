"""Asks the cases of a desk; the passages of the cases asked last are held in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.asking.answer import Answer
    from app.usecases.ask_case import AskWith, Searched

MOST_HELD = 4  # cases

_Known = tuple[str, ...]


class AskDesk:
    """Questions to the cases of an open workspace. ``close`` lets go of what was read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held: OrderedDict[str, tuple[_Known, Searched]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, case_id: str, question: str, language: str | None = None, progress: Progress = no_progress) -> Answer:
        """Answer from facts and passages. Raises ``InputError`` for a blank question."""
        from app.usecases.ask_case import AskCase, ask_case

        command = AskCase(case_id, question, language)
        return ask_case(command, self._desk.workspace, partial(self.prepare, case_id, progress), self._given())

    def prepare(self, case_id: str, progress: Progress = no_progress) -> Searched:
        """Read the passages of a case, unless they are held and its documents are the same."""
        with self._desk.workspace.read() as stores:
            documents = tuple(stores.documents.of_case(stores.cases.get(case_id).id))
            entries = tuple(stores.transactions.of_case(case_id))
        known = (*(document.sha256 for document in documents), str(len(entries)))
        with self._lock:
            if case_id in self._held and self._held[case_id][0] == known:
                self._held.move_to_end(case_id)
                return self._held[case_id][1]
            made = self._read(documents, entries, progress)
            self._drop(case_id)
            self._held[case_id] = known, made
            while len(self._held) > MOST_HELD:
                self._drop(next(iter(self._held)))
            return made

    def _read(self, documents: tuple, entries: tuple, progress: Progress) -> Searched:  # type: ignore[type-arg]
        from app.usecases.ask_case import Searched
        from app.usecases.case_passages import case_passages
        from data.passage_index import PassageIndex

        desk = self._desk
        passages, missing = case_passages(documents, entries, desk.workspace, desk.pages, progress)
        index = PassageIndex()
        index.fill([passage.terms for passage in passages])
        return Searched(passages, index, tuple(missing))

    def _given(self) -> AskWith:
        from app.usecases.ask_case import AskWith
        from data.asking_words import load_ask_words
        from data.checking_words import load_lexicon

        return AskWith(load_ask_words(), load_lexicon(), self._desk.phrases)

    def _drop(self, case_id: str) -> None:
        held = self._held.pop(case_id, None)
        if held is not None:
            held[1].index.close()

    def close(self) -> None:
        with self._lock:
            for case_id in list(self._held):
                self._drop(case_id)
