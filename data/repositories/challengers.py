"""The challengers of the workspace, and what the one in shadow says of each case."""

from __future__ import annotations

import json

from app.domain.challenger import KeptChallenger
from app.domain.shadow import Shadow
from app.errors import InputError
from data.canonical import canonical_json
from data.repositories.cases import case_no_of
from data.transaction import Tx

_TABLES = ("challengers",)


class ChallengerRepository:
    """``challenger_ports.ChallengerStore`` over ``challengers`` and ``challenger_scores``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def keep(self, challenger: KeptChallenger, data: bytes) -> None:
        """Keep a model file for good; one that is there stays as it is."""
        if challenger.sha256 in {each.sha256 for each in self.kept()}:
            return
        row = [challenger.sha256, challenger.name, challenger.person, challenger.kept_at, data]
        self._tx.run("INSERT INTO challengers VALUES (?, ?, ?, ?, ?)", row)

    def mend(self, sha256: str, data: bytes) -> None:
        """Put the bytes of a model file in place of damaged ones."""
        self._tx.run("UPDATE challengers SET body = ? WHERE sha256 = ?", [data, sha256])

    def kept(self) -> list[KeptChallenger]:
        """Every model, in order of arrival."""
        sql = "SELECT sha256, name, person, kept_at FROM challengers ORDER BY rowid"
        return [KeptChallenger(*row) for row in self._tx.rows(sql, reads=_TABLES)]

    def data(self, sha256: str) -> bytes:
        """The model file; raises ``InputError`` where there is none of that digest."""
        row = self._tx.row("SELECT body FROM challengers WHERE sha256 = ?", [sha256], reads=_TABLES)
        if row is None:
            raise InputError("challenger", f"The workspace keeps no challenger {sha256}.", remedy="Bring its file in.")
        return bytes(row[0])

    def put(self, case_id: str, shadow: Shadow) -> None:
        """Keep what the challenger said; it takes the place of what was said before."""
        case_no = case_no_of(case_id)
        head = (case_no, shadow.score.sha256, shadow.score.pd, shadow.grade, shadow.disagreement.value)
        self._tx.replace("challenger_scores", case_no, [(*head, canonical_json(shadow.to_json()))])

    def get(self, case_id: str) -> Shadow | None:
        rows = self._tx.case_rows("challenger_scores", case_no_of(case_id))
        return Shadow.from_json(json.loads(rows[-1][5])) if rows else None

    def remove(self, case_id: str) -> None:
        """Forget what was said of the case."""
        self._tx.replace("challenger_scores", case_no_of(case_id), [])
