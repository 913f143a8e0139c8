"""What the monitoring of a scorecard says, laid out as tables: each figure with its light, threshold and note."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.backtest import GradeOutcome, OverrideGroup, Segment, Vintage
from app.domain.facts import Catalogue
from app.domain.monitoring import Estimate
from app.domain.stability import CharacteristicStability
from app.domain.watching import UNDATED, Alert, Light, Reading, Threshold, worst
from app.usecases.monitor_scorecard import MonitoringReport, MonthRow
from views import format as fmt
from views.stored_words import bin_words
from views.strings import has_text, texts, tr

NOTES = ("few_cases", "few_rarer", "few_expected", "nothing", "within_chance", "within_interval", "grades")
ORDER = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)
_SIGNS = ("+", "\u2212")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table; one with a light is drawn with its dot."""

    text: str
    light: Light | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the monitoring: keys of its headings, its rows, the thresholds its lights are held to."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    limits: tuple[tuple[str, Threshold], ...] = ()
    light: Light = Light.GREY  # the worst of its readings
    wide: int = 1  # position of the column that takes the room left over


@dataclass(frozen=True, slots=True)
class Words:
    """In whose words facts are named."""

    catalogue: Catalogue
    language: str

    def fact(self, name: str) -> str:
        return fmt.fact_label(name, self.catalogue, self.language)

    def segment(self, name: str) -> str:
        key = f"scores.watch.segment.{name}"
        return tr(key) if has_text(key) else self.fact(name)

    def category(self, name: str, value: str | None) -> str:
        if value is None or value == "":
            return tr("scores.watch.missing")
        if value in ("true", "false"):
            return bin_words(name, value, self.catalogue, self.language)
        return fmt.category_label(name, value, self.catalogue, self.language)

    def subject(self, reading: Reading) -> str:
        """What a reading is of: the whole card, a characteristic, a grade, a segment, a vintage."""
        name, sign, value = reading.subject.partition("=")
        if sign:
            return f"{self.segment(name)}: {self.category(name, value)}"
        if reading.measure == "calibration" and reading.subject:
            return f"{tr('scores.watch.segment.grade')} {reading.subject}"
        return self.fact(reading.subject) if reading.subject else tr("scores.watch.whole")


# Tables


def months_sheet(report: MonitoringReport) -> Sheet:
    """A month of receipt a row."""
    columns = ("light", "month", "cases", "mean_points", "psi", "outcomes", "auc", "ks")
    readings = [reading for row in report.months for reading in (*row.stability.readings, *row.ranking.readings)]
    return _sheet(columns, [_month_row(row) for row in report.months], readings, wide=7)


def _month_row(row: MonthRow) -> tuple[Cell, ...]:
    stable, ranked = row.stability, row.ranking
    notes = [f"{measure_words(each)}: {note_words(each.note)}" for each in _lit(row) if each.note]
    return (
        _light(row.light, "\n".join(notes)),
        Cell(month_words(stable.month)),
        Cell(fmt.number(stable.cases)),
        Cell(figure(stable.mean_points, 1)),
        Cell(figure(stable.psi, 3), _of(stable.readings, "psi").light, _hint(_of(stable.readings, "psi"))),
        Cell(fmt.number(ranked.good + ranked.bad)),
        Cell(spread(ranked.auc, figure3), _of(ranked.readings, "auc_loss").light, _hint(ranked.readings[0])),
        Cell(spread(ranked.ks, figure3), _of(ranked.readings, "ks_loss").light, _hint(ranked.readings[1])),
    )


def _lit(row: MonthRow) -> tuple[Reading, ...]:
    return (*row.stability.readings, *row.ranking.readings)


def alerts_sheet(report: MonitoringReport, words: Words) -> Sheet:
    """Thresholds that stand crossed, and those that this measurement found to be kept again; the newest first."""
    columns = ("light", "raised", "measure", "subject", "month", "value", "limits")
    cleared = [alert for alert in report.alerts if alert.reading.light not in (Light.RED, Light.AMBER)]
    new = {alert.id for alert in report.alerts}
    found = sorted((*report.standing, *cleared), key=lambda alert: alert.id, reverse=True)
    rows = [_alert_row(alert, alert.id in new, words) for alert in found]
    return _sheet(columns, rows, [alert.reading for alert in report.standing], wide=2, told=False)


def _alert_row(alert: Alert, new: bool, words: Words) -> tuple[Cell, ...]:
    reading = alert.reading
    stands = reading.light in (Light.RED, Light.AMBER)
    state = "" if stands and not new else tr("scores.watch.new" if stands else "scores.watch.cleared")
    raised = fmt.short_moment(datetime.fromisoformat(alert.raised_at), words.language)
    return (
        _light(reading.light, note_words(reading.note)),
        Cell(f"{raised} · {state}" if state else raised),
        Cell(measure_words(reading)),
        Cell(words.subject(reading)),
        Cell(month_words(reading.month)),
        Cell(figure3(reading.value)),
        Cell(limits_short(reading.threshold)),
    )


def characteristics_sheet(report: MonitoringReport, words: Words) -> Sheet:
    """The score as a whole, then each characteristic, of the newest month against the base."""
    columns = ("light", "subject", "psi", "noise", "points_shift", "limits")
    score = _of(report.score.readings, "psi")
    whole = (
        _light(score.light, note_words(score.note)),
        Cell(tr("scores.watch.whole")),
        Cell(figure3(report.score.psi)),
        Cell(figure3(report.score.noise)),
        Cell(_shift(report.score.mean_points, report.score.base_points)),
        Cell(limits_short(score.threshold)),
    )
    rows = [whole, *(_characteristic_row(row, words) for row in report.characteristics)]
    readings = [*report.score.readings, *(row.reading for row in report.characteristics)]
    return _sheet(columns, rows, readings)


def _characteristic_row(row: CharacteristicStability, words: Words) -> tuple[Cell, ...]:
    return (
        _light(row.reading.light, note_words(row.reading.note)),
        Cell(words.fact(row.name)),
        Cell(figure3(row.csi)),
        Cell(figure3(row.noise)),
        Cell(_signed(row.points_shift)),
        Cell(limits_short(row.reading.threshold)),
    )


def grades_sheet(report: MonitoringReport) -> Sheet:
    """Expected and observed bads of each grade, and of all together."""
    columns = ("light", "grade", "cases", "outcomes", "expected_rate", "observed_rate", "deviations")
    return _sheet(columns, [_grade_row(row) for row in report.grades], [row.reading for row in report.grades], wide=5)


def _grade_row(row: GradeOutcome) -> tuple[Cell, ...]:
    known = row.good + row.bad
    return (
        _light(row.reading.light, note_words(row.reading.note)),
        Cell(row.grade or tr("scores.watch.all_grades")),
        Cell(fmt.number(row.cases)),
        Cell(fmt.number(known)),
        Cell(percent(row.expected / known if known else None)),
        Cell(spread(row.observed, percent)),
        Cell(_signed(row.reading.value), hint=_hint(row.reading)),
    )


def overrides_sheet(report: MonitoringReport) -> Sheet:
    """Decisions against policy and within it, with what became of them; the light stands where a figure has one."""
    columns = ("light", "decisions_of", "cases", "share", "outcomes", "bad_rate", "expected_rate", "ratio")
    found = report.overrides
    rate, ratio = found.readings
    rows = [
        _override_row("low_side", found.low_side, found.decided, ratio),
        _override_row("high_side", found.high_side, found.decided, None),
        _override_row("within", found.within, found.decided, None),
        (
            _light(rate.light, note_words(rate.note)),
            Cell(tr("scores.watch.override.all")),
            Cell(fmt.number(found.low_side.decisions + found.high_side.decisions)),
            Cell(spread(found.rate, percent), rate.light, _hint(rate)),
            *[Cell(fmt.NOTHING)] * 4,
        ),
    ]
    return _sheet(columns, rows, found.readings)


def _override_row(name: str, group: OverrideGroup, decided: int, ratio: Reading | None) -> tuple[Cell, ...]:
    known = group.good + group.bad
    return (
        Cell("") if ratio is None else _light(ratio.light, note_words(ratio.note)),
        Cell(tr(f"scores.watch.override.{name}")),
        Cell(fmt.number(group.decisions)),
        Cell(percent(group.decisions / decided if decided else None)),
        Cell(fmt.number(known)),
        Cell(spread(group.bad_rate, percent)),
        Cell(percent(group.expected / known if known else None)),
        Cell(fmt.NOTHING) if ratio is None else Cell(figure(ratio.value, 2), ratio.light, _hint(ratio)),
    )


def segments_sheet(report: MonitoringReport, words: Words) -> Sheet:
    """The cases with one value of a fact: how many are approved and how many go bad, against the rest."""
    columns = ("light", "segment", "cases", "approved", "approval_ratio", "outcomes", "bad_rate", "bad_ratio")
    readings = [reading for row in report.segments for reading in row.readings]
    return _sheet(columns, [_segment_row(row, words) for row in report.segments], readings)


def _segment_row(row: Segment, words: Words) -> tuple[Cell, ...]:
    counts, (approvals, bads) = row.counts, row.readings
    return (
        _light(worst(reading.light for reading in row.readings), "\n".join(map(_hint, row.readings))),
        Cell(f"{words.segment(counts.name)}: {words.category(counts.name, counts.value)}"),
        Cell(fmt.number(counts.cases)),
        Cell(spread(row.approval, percent)),
        Cell(figure(approvals.value, 2), approvals.light, _hint(approvals)),
        Cell(fmt.number(counts.good + counts.bad)),
        Cell(spread(row.bad_rate, percent)),
        Cell(figure(bads.value, 2), bads.light, _hint(bads)),
    )


def vintages_sheet(report: MonitoringReport) -> Sheet:
    """A cohort a row, that of all months first: how far it is followed and what share is bad by then."""
    columns = ("light", "month", "cases", "on_book", "bad_rate", "vintage_ratio")
    readings = [row.reading for row in report.vintages if row.reading is not None]
    return _sheet(columns, [_vintage_row(row) for row in report.vintages], readings, wide=4)


def _vintage_row(row: Vintage) -> tuple[Cell, ...]:
    last, reading = (row.curve[-1] if row.curve else None), row.reading
    return (
        Cell("") if reading is None else _light(reading.light, note_words(reading.note)),
        Cell(month_words(row.month or None)),
        Cell(fmt.number(row.cases)),
        Cell(fmt.number(last.months) if last else fmt.NOTHING),
        Cell(spread(last.share if last else None, percent)),
        Cell(fmt.NOTHING) if reading is None else Cell(figure(reading.value, 2), reading.light, _hint(reading)),
    )


def readings_sheet(report: MonitoringReport, words: Words) -> Sheet:
    """Every figure with its light, the worst first."""
    columns = ("light", "measure", "subject", "month", "value", "limits", "cases")
    ordered = sorted(report.readings, key=lambda reading: ORDER.index(reading.light))
    rows = [
        (
            _light(reading.light, note_words(reading.note)),
            Cell(measure_words(reading)),
            Cell(words.subject(reading)),
            Cell(month_words(reading.month)),
            Cell(figure3(reading.value)),
            Cell(limits_short(reading.threshold)),
            Cell(fmt.number(reading.cases)),
        )
        for reading in ordered
    ]
    return _sheet(columns, rows, report.readings, wide=2, told=False)


def _sheet(
    columns: tuple[str, ...],
    rows: Iterable[tuple[Cell, ...]],
    readings: Sequence[Reading],
    *,
    wide: int = 1,
    told: bool = True,
) -> Sheet:
    limits = {reading.measure: reading.threshold for reading in readings if told and reading.threshold is not None}
    return Sheet(columns, tuple(rows), tuple(limits.items()), worst(reading.light for reading in readings), wide)


# Words


def measure_words(reading: Reading) -> str:
    key = f"scores.watch.measure_of.{reading.measure}"
    return tr(key) if has_text(key) else reading.measure


def month_words(month: str | None) -> str:
    if month is None:
        return tr("scores.watch.all_months")
    return tr("scores.watch.undated") if month == UNDATED else month


def limits_short(limits: Threshold | None) -> str:
    return "" if limits is None else f"{'≤ ' if limits.below else '≥ '}{limits.amber:g} / {limits.red:g}"


def limits_words(limits: Sequence[tuple[str, Threshold]]) -> str:
    """The thresholds under a table, one a measure."""
    said = []
    for measure, limit in limits:
        name = tr(f"scores.watch.measure_of.{measure}")
        key = "scores.watch.limit_below" if limit.below else "scores.watch.limit"
        said.append(tr(key, measure=name, amber=f"{limit.amber:g}", red=f"{limit.red:g}"))
    return " · ".join(said)


def note_words(note: str) -> str:
    """A reading's note in the language shown."""
    return stored_note(note, "scores.watch.note", NOTES)


def stored_note(note: str, prefix: str, keys: Sequence[str]) -> str:
    """A note that is stored in English, by the text of ``prefix`` it has the shape of; an unknown one as it is."""
    numbers = _NUMBER.findall(note)
    shape = _NUMBER.sub("#", note)
    for key in keys:
        english = texts("en")[f"{prefix}.{key}"].format(**_filled([*numbers, "0", "0"]))
        if shape == _NUMBER.sub("#", english):
            return tr(f"{prefix}.{key}", **_filled(numbers))
    return note


def _filled(numbers: Sequence[str]) -> dict[str, object]:
    return {f"n{place}": number for place, number in enumerate(numbers, 1)}


def figure(value: float | None, places: int) -> str:
    """A figure of so many decimals; a dash where there is none."""
    return fmt.NOTHING if value is None else f"{value:,.{places}f}".replace("-", "\u2212")


def figure3(value: float | None) -> str:
    return figure(value, 3)


def percent(value: float | None) -> str:
    return fmt.NOTHING if value is None else fmt.probability(Decimal(repr(value)))


def spread(estimate: Estimate | None, words: Callable[[float | None], str]) -> str:
    """A figure with its interval: ``0.812 (0.780–0.841)``."""
    if estimate is None:
        return fmt.NOTHING
    low, high = words(estimate.low).removesuffix(" %"), words(estimate.high)
    to = " … " if low.startswith(_SIGNS) or high.startswith(_SIGNS) else "–"
    return f"{words(estimate.value)} ({low}{to}{high})"


def _shift(now: float | None, base: float | None) -> str:
    return fmt.NOTHING if now is None or base is None else _signed(now - base)


def _signed(value: float | None) -> str:
    if value is None:
        return fmt.NOTHING
    return f"{round(value, 1) + 0.0:+.1f}".replace("-", "\u2212")


def _light(light: Light, hint: str = "") -> Cell:
    return Cell(tr(f"scores.watch.light.{light.value}"), light, hint)


def _of(readings: Sequence[Reading], measure: str) -> Reading:
    return next(reading for reading in readings if reading.measure == measure)


def _hint(reading: Reading) -> str:
    """A figure's threshold, and why its light is none."""
    limits = "" if reading.threshold is None else limits_words([(reading.measure, reading.threshold)])
    return " ".join(filter(None, (limits, note_words(reading.note) if reading.note else "")))
