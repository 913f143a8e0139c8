"""The audit chain: every event hashed with the hash of the event before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.ports import Clock, Event
from data.canonical import canonical_json
from data.database import Row
from data.repositories.cases import case_no_of
from data.transaction import Tx

FIRST_PREVIOUS = "0" * 64
_PAGE = 10_000


class EventRepository:
    """``ports.EventStore`` over ``events``."""

    def __init__(self, tx: Tx, clock: Clock) -> None:
        self._tx = tx
        self._clock = clock
        self._last: tuple[int, str] | None = None  # sequence number and digest; only this transaction writes

    def append(self, person: str, case_id: str | None, what: str, detail: Mapping[str, Any]) -> Event:
        """Add a link; ``detail`` holds what JSON holds, without floats (see ``Event.expected_digest``)."""
        seq, previous = self._last or self._last_stored()
        plain = json.loads(canonical_json(detail))
        unsealed = Event(seq + 1, self._clock.now(), person, case_id, what, plain, previous, digest="")
        event = replace(unsealed, digest=unsealed.expected_digest())
        self._tx.insert("events", [_row(event)])
        self._last = (event.seq, event.digest)
        return event

    def of_case(self, case_id: str) -> list[Event]:
        sql = "SELECT * FROM events WHERE case_no = ? ORDER BY seq"
        return [_event(row) for row in self._tx.rows(sql, [case_no_of(case_id)], reads=("events",))]

    def verify(self) -> int | None:
        """Sequence number of the first broken link; None if the chain holds."""
        seq, previous = 0, FIRST_PREVIOUS
        while True:
            sql = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
            rows = self._tx.rows(sql, [seq, _PAGE], reads=("events",))
            for event in map(_event, rows):
                seq += 1
                if event.seq != seq or event.previous != previous or event.digest != event.expected_digest():
                    return seq
                previous = event.digest
            if len(rows) < _PAGE:
                return None

    def _last_stored(self) -> tuple[int, str]:
        row = self._tx.row("SELECT seq, digest FROM events ORDER BY seq DESC LIMIT 1", reads=("events",))
        return (int(row[0]), str(row[1])) if row else (0, FIRST_PREVIOUS)


def _row(event: Event) -> Row:
    case_no = None if event.case_id is None else case_no_of(event.case_id)
    at, detail = event.at.isoformat(), canonical_json(event.detail)
    return (event.seq, at, event.person, case_no, event.case_id, event.what, detail, event.previous, event.digest)


def _event(row: Row) -> Event:
    seq, at, person, _, case_id, what, detail, previous, digest = row
    return Event(seq, datetime.fromisoformat(at), person, case_id, what, json.loads(detail), previous, digest)
