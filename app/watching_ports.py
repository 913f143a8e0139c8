"""What watching a scorecard needs of the outside: outcomes that arrive, counts of scored cases, alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.domain.outcomes import OutcomeImport, OutcomeReading
    from app.domain.reading import Problem
    from app.domain.scorecard import Scorecard
    from app.domain.standing import PointsCount
    from app.domain.watching import (
        Alert,
        BinCount,
        DecisionCount,
        FollowCount,
        Reading,
        ScoreCount,
        ScoredBy,
        SegmentCount,
    )


class OutcomeReaders(Protocol):
    def read_outcomes(
        self,
        path: Path,
        reading: OutcomeReading,
        out: Path,
        key: str,
        *,
        progress: Callable[[int, int | None, str], None] = ...,
    ) -> tuple[int, str]:
        """Check a table of outcomes into the hand-over file ``out``; returns its rows and its SHA-256."""


class OutcomeStore(Protocol):
    def take(
        self, incoming: Path, key: str, *, file: str, sha256: str, rows: int, person: str, at: datetime
    ) -> OutcomeImport:
        """Match the checked rows of a reader's hand-over file to cases and keep what is new."""

    def rejects(self, sha256: str | None = None) -> list[Problem]: ...


class MonitoringStore(Protocol):
    """Counts of the cases scored by one scorecard (its SHA-256); ``month`` is YYYY-MM or "undated", None is all."""

    def scorecards(self) -> list[ScoredBy]:
        """Scorecards by the number of cases that stand scored by them, the most first."""

    def scores(self, sha256: str) -> list[ScoreCount]: ...
    def points(self, sha256: str, without: str) -> list[PointsCount]:
        """Cases by points, in ascending order, but for the case of the id ``without``; in one statement."""

    def bins(self, scorecard: Scorecard) -> list[BinCount]: ...
    def segments(self, sha256: str, facts: Sequence[str], month: str | None) -> list[SegmentCount]:
        """By grade, product and the named facts (categories and booleans, never a prohibited basis)."""

    def decisions(self, sha256: str, month: str | None) -> list[DecisionCount]: ...
    def follows(self, sha256: str) -> list[FollowCount]: ...
    def alerts(self, sha256: str | None = None) -> list[Alert]:
        """In the order they were raised."""

    def raise_alerts(self, sha256: str, readings: Sequence[Reading], at: datetime) -> list[Alert]:
        """Keep those that turned amber or red since the last alert of the same measure, subject and month, or green."""
