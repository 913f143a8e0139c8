"""The desk's register of scorecards: those that ship, the lender's own files, and the versions of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.places import scorecards_folder
from app.domain.changes import Changes
from app.domain.register import ScorecardEntry
from app.domain.scorecard import Scorecard

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk

SHIPPED_DEFAULT = "credit-data"


class Register:
    """Reads and changes the register of one desk; what is done goes by the desk's person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def entries(self) -> list[ScorecardEntry]:
        """Those in files, then the register in order of arrival; the one in use is marked.

        Raises ``InputError`` for a damaged file.
        """
        with self._desk.workspace.read() as stores:
            kept = stores.scorecards.entries()
            known = {entry.sha256 for entry in kept}
            used = any(entry.in_use for entry in kept)
            default = self._desk.setting("scorecard.default", SHIPPED_DEFAULT)
            files = [
                ScorecardEntry(
                    card.sha256,
                    card.document,
                    in_use=not used and card.name == default,
                    cases=stores.scorecards.cases(card.sha256),
                )
                for card in _in_files()
                if card.sha256 not in known
            ]
        return files + kept

    def find(self, wanted: str) -> ScorecardEntry:
        """The entry meant by name, ``name@version`` or the beginning of a SHA-256. Raises ``InputError``."""
        from app.usecases.add_scorecard import entry_of

        return entry_of(self.entries(), wanted)

    def in_use(self) -> Scorecard | None:
        """The version of the register that scores the cases; None where none was put in use."""
        from data.scorecard_files import scorecard_from_json

        with self._desk.workspace.read() as stores:
            sha256 = stores.scorecards.in_use()
            document = None if sha256 is None else stores.scores.scorecard(sha256)
        return None if document is None else scorecard_from_json(document, self._desk.catalogue)

    def load(self, wanted: str | Path | None) -> Scorecard:
        """What ``--scorecard`` names: a file, a version of the register, one that ships; None: the one in use."""
        from data.scorecard_files import load_scorecard, scorecard_from_json

        catalogue = self._desk.catalogue
        if wanted is None:
            return self.in_use() or load_scorecard(self._desk.setting("scorecard.default", SHIPPED_DEFAULT), catalogue)
        if isinstance(wanted, Path) or wanted.endswith(".json"):
            return load_scorecard(wanted, catalogue)
        return scorecard_from_json(self.find(wanted).document, catalogue)

    def scored_with(self, sha256: str, name: str) -> Scorecard | None:
        """The very version a score was made with: as kept with the score, else the file of that name if unchanged."""
        from data.scorecard_files import scorecard_from_json

        with self._desk.workspace.read() as stores:
            document = stores.scores.scorecard(sha256)
        card = self.load(name) if document is None else scorecard_from_json(document, self._desk.catalogue)
        return card if card.sha256 == sha256 else None

    def add(self, document: Mapping[str, Any]) -> Scorecard:
        from app.usecases.add_scorecard import AddScorecard, add_scorecard

        command = AddScorecard(document, self._desk.person)
        return add_scorecard(command, self._desk.workspace, clock=self._desk.clock)

    def approve(
        self, entry: ScorecardEntry, valid_from: date | None = None, note: str = "", *, person: str | None = None
    ) -> Changes:
        """Approve in the name of ``person``, who is at the desk (None: the desk's own person)."""
        from app.usecases.approve_scorecard import ApproveScorecard, approve_scorecard

        who = self._desk.person if person is None else person
        command = ApproveScorecard(entry, who, valid_from, note)
        return approve_scorecard(command, self._desk.workspace, clock=self._desk.clock)

    def use(self, entry: ScorecardEntry) -> Changes:
        from app.usecases.use_scorecard import UseScorecard, use_scorecard

        command = UseScorecard(entry, self._desk.person)
        return use_scorecard(command, self._desk.workspace, clock=self._desk.clock)


def _in_files() -> list[Scorecard]:
    """Scorecards of any columns: those that ship, and the lender's own."""
    from data.scorecard_files import SHIPPED, open_scorecard, scorecard_names

    folders = (SHIPPED, scorecards_folder())
    cards = [open_scorecard(folder / f"{name}.json") for folder in folders for name in scorecard_names(folder)]
    return list({card.sha256: card for card in cards}.values())
