"""Asks the cases of a desk; the passages of the cases asked last are held in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from app.errors import EnvironmentFault
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.asking.answer import Answer
    from app.domain.case import Document, Transaction
    from app.usecases.ask_case import AskWith, Searched
    from local_models.meaning import MeaningModel

MOST_HELD = 4  # cases

_Known = tuple["Document", ...]


class AskDesk:
    """Questions to the cases of an open workspace. ``close`` lets go of what was read, and of the model of meaning."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held: OrderedDict[str, tuple[_Known, Searched]] = OrderedDict()
        self._lock = threading.Lock()
        self._embedder: MeaningModel | None = None
        self._sought = False  # whether a model of meaning was looked for

    def ask(
        self,
        case_id: str,
        question: str,
        language: str | None = None,
        progress: Progress = no_progress,
        *,
        fully: bool = False,
    ) -> Answer:
        """Answer from facts and passages; ``fully``: what passages mean is told first where it is not known yet.

        Raises ``InputError`` for a blank question.
        """
        from app.usecases.ask_case import AskCase, ask_case

        def search(documents: Sequence[Document]) -> Searched:
            if fully:
                with suppress(EnvironmentFault):  # the question meets the same fault, and its answer tells it
                    self.tell_meanings(case_id, progress)
            return self._searched(case_id, progress, documents)

        return ask_case(AskCase(case_id, question, language), self._desk.workspace, search, self._given())

    def prepare(self, case_id: str, progress: Progress = no_progress) -> Searched:
        """Read the passages of a case, unless they are held and its documents are the same."""
        with self._desk.workspace.read() as stores:
            documents = stores.documents.of_case(stores.cases.get(case_id).id)
        self._given().words.make_ready()
        return self._searched(case_id, progress, documents)

    def _searched(self, case_id: str, progress: Progress, documents: Sequence[Document]) -> Searched:
        known = tuple(documents)
        with self._lock:
            if case_id in self._held and self._held[case_id][0] == known:
                self._held.move_to_end(case_id)
                return self._held[case_id][1]
            with self._desk.workspace.read() as stores:
                entries = tuple(stores.transactions.of_case(case_id))
            made = self._read(known, entries, progress)
            self._drop(case_id)
            self._held[case_id] = known, made
            while len(self._held) > MOST_HELD:
                self._drop(next(iter(self._held)))
            return made

    def _read(self, documents: _Known, entries: Sequence[Transaction], progress: Progress) -> Searched:
        from app.usecases.ask_case import Searched
        from app.usecases.case_passages import case_passages
        from data.passage_index import PassageIndex

        desk = self._desk
        passages, missing = case_passages(documents, entries, desk.workspace, desk.pages, progress)
        index = PassageIndex()
        index.fill([passage.terms for passage in passages])
        return Searched(passages, index, tuple(missing), self._model())

    def tell_meanings(self, case_id: str, progress: Progress = no_progress) -> int:
        """Have the model of meaning, where one is installed, tell what the passages mean; returns how many were new.

        Questions are answered meanwhile, by what is told already. What was told stays when it is stopped. Raises
        ``Cancelled``, and ``EnvironmentFault`` when the model fails.
        """
        from app.usecases.embed_passages import embed_passages

        searched = self.prepare(case_id, progress)
        if searched.embedder is None:
            return 0
        return embed_passages(searched.passages, self._desk.workspace, searched.embedder, progress)

    def stop_meanings(self) -> None:
        """Stop what the model of meaning is at; from any thread."""
        if self._embedder is not None:
            self._embedder.cancel()

    def _model(self) -> MeaningModel | None:
        """The installed model of meaning, looked for once; its process starts with the first text."""
        from app.bootstrap.models import ModelShelf
        from local_models.catalogue import meaning_model
        from local_models.meaning import MeaningModel

        if not self._sought:
            shelf = ModelShelf()
            spec = meaning_model(shelf.folder)
            self._embedder, self._sought = MeaningModel(shelf.fitted(spec)) if spec else None, True
        return self._embedder

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
            if self._embedder is not None:
                self._embedder.close()
