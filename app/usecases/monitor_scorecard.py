"""Monitor a scorecard: stability of a month, and what the outcomes known so far say; raise alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.backtest import (
    GradeOutcome,
    Overrides,
    Ranking,
    Segment,
    Vintage,
    calibration,
    overrides,
    ranking,
    segments,
    vintages,
)
from app.domain.bases import development_base, month_base
from app.domain.facts import Catalogue, Kind
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.domain.stability import (
    CharacteristicStability,
    ScoreStability,
    bin_counts,
    characteristic_stability,
    score_stability,
)
from app.domain.watching import (
    UNDATED,
    Alert,
    Base,
    BinCount,
    Light,
    Limits,
    Reading,
    ScoreCount,
    ScoredBy,
    worst,
)
from app.errors import InputError
from app.ports import Clock, Stores, Workspace


@dataclass(frozen=True, slots=True)
class MonitorScorecard:
    """What to look at. Stability is that of ``month``, or of the newest one; so are outcomes if ``month`` is given."""

    scorecard: str | None = None  # name or SHA-256; None: the one that scored most cases
    month: str | None = None  # YYYY-MM of receipt, or "undated"
    base_month: str | None = None  # compare with that month instead of the development sample
    person: str = "caseworth"


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of receipt at a glance."""

    stability: ScoreStability
    ranking: Ranking

    @property
    def light(self) -> Light:
        return worst(reading.light for reading in (*self.stability.readings, *self.ranking.readings))

    def to_json(self) -> dict[str, Any]:
        whole = self.stability.to_json()
        names = ("month", "cases", "mean_points", "mean_pd", "psi", "noise")
        ranked = self.ranking.to_json()
        return {name: whole[name] for name in names} | {
            "good": ranked["good"],
            "bad": ranked["bad"],
            "auc": ranked["auc"],
            "ks": ranked["ks"],
            "light": self.light.value,
        }


@dataclass(frozen=True, slots=True)
class MonitoringReport:
    """Everything the monitoring says of one scorecard."""

    scorecard: ScoredBy
    base: Base
    month: str  # of the stability
    scope: str | None  # month of the outcomes; None: all
    months: tuple[MonthRow, ...]
    score: ScoreStability
    characteristics: tuple[CharacteristicStability, ...]
    ranking: Ranking
    grades: tuple[GradeOutcome, ...]
    overrides: Overrides
    segments: tuple[Segment, ...]
    vintages: tuple[Vintage, ...]
    alerts: tuple[Alert, ...] = ()  # raised or cleared now
    standing: tuple[Alert, ...] = ()  # amber or red, of this scorecard, whenever raised

    @property
    def readings(self) -> list[Reading]:
        """Every figure with a light, in the order of the report."""
        found = [*self.score.readings, *(row.reading for row in self.characteristics), *self.ranking.readings]
        found += [row.reading for row in self.grades] + list(self.overrides.readings)
        found += [reading for row in self.segments for reading in row.readings]
        return found + [row.reading for row in self.vintages if row.reading is not None]

    def to_json(self) -> dict[str, Any]:
        card = self.scorecard
        parts = {name: getattr(self, name) for name in _LISTS}
        return {
            "scorecard": {"name": card.name, "version": card.version, "sha256": card.sha256, "cases": card.cases},
            "light": worst(reading.light for reading in self.readings).value,
            "month": self.month,
            "outcomes_of": self.scope or "all months",
            "base": self.base.to_json(),
            "score": self.score.to_json(),
            "performance": self.ranking.to_json(),
            "overrides": self.overrides.to_json(),
            **{name: [row.to_json() for row in rows] for name, rows in parts.items()},
        }


_LISTS = ("months", "characteristics", "grades", "segments", "vintages", "readings", "alerts", "standing")


def monitor_scorecard(cmd: MonitorScorecard, workspace: Workspace, limits: Limits, *, clock: Clock) -> MonitoringReport:
    """Measure, then keep the alerts that are new, each with an event. Measuring again raises none twice.

    Raises ``InputError`` when no case is scored by that scorecard, or none was received in that month.
    """
    with workspace.read() as stores:
        chosen = _chosen(cmd.scorecard, stores.monitoring.scorecards())
        report = _measured(cmd, chosen, stores, workspace.catalogue, limits)
    with workspace.transaction() as stores:
        alerts = stores.monitoring.raise_alerts(chosen.sha256, report.readings, clock.now())
        for alert in alerts:
            what = "alert.raised" if _stands(alert) else "alert.cleared"
            stores.events.append(cmd.person, None, what, _detail(alert))
        kept = stores.monitoring.alerts(chosen.sha256)
    last = {(alert.reading.measure, alert.reading.subject, alert.reading.month): alert for alert in kept}
    return replace(report, alerts=tuple(alerts), standing=tuple(filter(_stands, last.values())))


def _stands(alert: Alert) -> bool:
    return alert.reading.light in (Light.AMBER, Light.RED)


def _detail(alert: Alert) -> dict[str, Any]:
    """Events hold no binary fractions."""
    reading = alert.reading
    detail = {"alert": alert.id, "scorecard": alert.scorecard, "light": reading.light.value}
    return detail | {
        "measure": reading.measure,
        "subject": reading.subject,
        "month": reading.month,
        "value": None if reading.value is None else f"{reading.value:.6f}",
    }


def _chosen(wanted: str | None, known: Sequence[ScoredBy]) -> ScoredBy:
    if not known:
        raise InputError("scorecard", "No case is scored yet.", remedy="Score them with 'caseworth score --all'.")
    found = [card for card in known if wanted in (None, card.name, card.sha256)]
    if not found:
        named = ", ".join(dict.fromkeys(card.name for card in known))
        raise InputError("scorecard", f"No case is scored by {wanted}.", remedy=f"Cases are scored by {named}.")
    return found[0]


def _measured(
    cmd: MonitorScorecard, chosen: ScoredBy, stores: Stores, catalogue: Catalogue, limits: Limits
) -> MonitoringReport:
    document = stores.scores.scorecard(chosen.sha256)
    assert document is not None, "the workspace keeps each scorecard that scored a case"
    card = read_scorecard(document)
    scores, bins = stores.monitoring.scores(chosen.sha256), stores.monitoring.bins(card)
    by_month: dict[str, list[ScoreCount]] = {}
    for row in scores:
        by_month.setdefault(row.month, []).append(row)
    month, scope = _month(cmd.month, by_month) or _newest(by_month), _month(cmd.month, by_month)
    base = _base(cmd.base_month, card, by_month, bins)
    known = scores if scope is None else by_month[scope]
    facts = [definition.name for definition in catalogue if _segments_by(definition.name, catalogue)]
    return MonitoringReport(
        scorecard=chosen,
        base=base,
        month=month,
        scope=scope,
        months=tuple(
            MonthRow(score_stability(rows, name, base, limits), ranking(rows, name, base, limits))
            for name, rows in sorted(by_month.items())
        ),
        score=score_stability(by_month[month], month, base, limits),
        characteristics=tuple(
            characteristic_stability(card, [row for row in bins if row.month == month], month, base, limits)
        ),
        ranking=ranking(known, scope, base, limits),
        grades=tuple(calibration(known, [grade.name for grade in card.grades], scope, limits)),
        overrides=overrides(stores.monitoring.decisions(chosen.sha256, scope), scope, limits),
        segments=tuple(segments(stores.monitoring.segments(chosen.sha256, facts, scope), scope, limits)),
        vintages=tuple(vintages(stores.monitoring.follows(chosen.sha256), limits)),
    )


def _segments_by(name: str, catalogue: Catalogue) -> bool:
    return catalogue[name].kind in (Kind.CATEGORY, Kind.BOOLEAN) and not catalogue.prohibited(name)


def _month(wanted: str | None, by_month: Mapping[str, object]) -> str | None:
    if wanted is not None and wanted not in by_month:
        known = sorted(by_month)
        shown = ", ".join(known) if len(known) <= 12 else f"{known[0]} to {known[-1]}"
        raise InputError("month", f"No case of {wanted} is scored.", remedy=f"There are cases of {shown}.")
    return wanted


def _newest(by_month: Mapping[str, object]) -> str:
    return max((month for month in by_month if month != UNDATED), default=UNDATED)


def _base(
    wanted: str | None, card: Scorecard, by_month: Mapping[str, Sequence[ScoreCount]], bins: Sequence[BinCount]
) -> Base:
    month = _month(wanted, by_month)
    if month is None:
        return development_base(card)
    counts = bin_counts(card, [row for row in bins if row.month == month])
    return month_base(month, by_month[month], counts)
