"""Measure the fairness of approvals on a table outside every workspace; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

from app.domain.fairness import (
    LEAST,
    Alternative,
    Comparison,
    Group,
    best_within,
    compare,
    cut_off_for,
    group_of,
    pareto_front,
)
from app.domain.monitoring import auc_estimate, histogram, rounded
from app.domain.scorecard import Scorecard
from app.errors import InputError
from app.ports import Progress, no_progress

Texts = Sequence[str | None]


class FairnessTables(Protocol):
    def texts(self, path: Path, names: Sequence[str]) -> Mapping[str, Texts]:
        """Columns as they stand in the file; None is missing. Raises ``InputError`` for an unknown one."""

    def scores(self, path: Path, scorecard: Scorecard) -> Sequence[float]: ...


@dataclass(frozen=True, slots=True)
class MeasureFairness:
    """One of ``score``, ``scorecard`` and ``decision`` says who is approved."""

    table: Path
    protected: tuple[str, ...]
    reference: tuple[str, ...]  # value, one a protected column or one for all; or "column=value"
    score: str | None = None  # column
    scorecard: Scorecard | None = None
    decision: str | None = None  # column
    approved: str | None = None  # its value that means approved
    approve_above: float | None = None  # approved from there on
    approve_below: float | None = None  # approved up to there (a PD); the less the better
    target: str | None = None  # column of the outcome
    bad: str | None = None  # its value that means bad
    candidates: tuple[tuple[str, Scorecard], ...] = ()
    auc_loss: float = 0.01
    least: int = LEAST


@dataclass(frozen=True, slots=True)
class ColumnFairness:
    """The groups of one protected column."""

    column: str
    reference: Group
    groups: tuple[Comparison, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "reference": self.reference.to_json(),
            "groups": [group.to_json() for group in self.groups],
        }


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """What was measured; of intervals and their sources see docs/monitoring.md."""

    rows: int
    left_out: int  # without a score or decision
    approved: int
    columns: tuple[ColumnFairness, ...]
    alternatives: tuple[Alternative, ...] = ()
    front: tuple[Alternative, ...] = ()
    best: Alternative | None = None
    auc_loss: float = 0.0
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "rows": self.rows,
            "left_out": self.left_out,
            "approved": self.approved,
            "protected": [column.to_json() for column in self.columns],
            "notes": list(self.notes),
        }
        if self.alternatives:
            data["alternatives"] = {
                "candidates": [one.to_json() for one in self.alternatives],
                "pareto_front": [one.name for one in self.front],
                "auc_loss": rounded(self.auc_loss),
                "best_within_auc_loss": self.best and self.best.name,
            }
        return data


@dataclass(frozen=True, slots=True)
class _Rows:
    """The table as it is measured, rows without a score or decision left out."""

    texts: Mapping[str, Texts]
    scores: Sequence[float | None]
    approved: Sequence[bool]
    bad: Sequence[bool | None]

    def groups(self, column: str, approved: Sequence[bool], scores: Sequence[float | None]) -> dict[str | None, Group]:
        found: dict[str | None, list[tuple[bool, bool | None, float | None]]] = {}
        for value, row in zip(self.texts[column], zip(approved, self.bad, scores, strict=True), strict=True):
            found.setdefault(value, []).append(row)
        return {value: group_of(value, rows) for value, rows in found.items()}


def measure_fairness(cmd: MeasureFairness, tables: FairnessTables, progress: Progress = no_progress) -> FairnessReport:
    """Compare each group of each protected column with its reference; search the candidates where there are some.

    Raises ``InputError`` for a column, value or option that does not suit.
    """
    _check(cmd)
    progress(0, None, "read")
    read, left_out = _read(cmd, tables)
    references = _references(cmd)
    columns = tuple(_column(name, references[name], read, cmd.least) for name in cmd.protected)
    approved = sum(read.approved)
    report = FairnessReport(len(read.approved), left_out, approved, columns, notes=_notes(cmd))
    if not cmd.candidates:
        return report
    found = _alternatives(cmd, tables, read, references, progress)
    return FairnessReport(
        report.rows,
        left_out,
        approved,
        columns,
        tuple(found),
        tuple(pareto_front(found)),
        best_within(found, cmd.auc_loss),
        cmd.auc_loss,
        report.notes,
    )


def _check(cmd: MeasureFairness) -> None:
    ways = [way for way in (cmd.score, cmd.scorecard, cmd.decision) if way is not None]
    if len(ways) != 1:
        raise InputError("score", "Say by one of --score, --scorecard or --decision who is approved.")
    if (cmd.target is None) != (cmd.bad is None):
        raise InputError("target", "The column of the outcome and its bad value are given together.")
    if cmd.decision is not None:
        if cmd.decision == cmd.target:
            raise InputError("target", "The decision is not its own outcome.", remedy="Name the column of the outcome.")
        if cmd.approved is None:
            raise InputError("approved", "A decision column needs --approved, its value that means approved.")
    elif (cmd.approve_above is None) == (cmd.approve_below is None):
        raise InputError("approve-above", "A score needs a cut-off.", remedy="Give --approve-above or --approve-below.")
    if cmd.candidates and (cmd.scorecard is None or cmd.target is None):
        raise InputError(
            "candidate",
            "Candidates are compared with a --scorecard, by the outcome.",
            remedy="Give --target and --bad.",
        )
    if not 0 <= cmd.auc_loss <= 1 or cmd.least < 2:
        raise InputError("auc-loss", "The AUC loss lies between 0 and 1, and the least group has two cases.")


def _notes(cmd: MeasureFairness) -> tuple[str, ...]:
    if cmd.target is None:
        return ("Without an outcome there is no equal-opportunity and no average-odds difference.",)
    return ()


def _read(cmd: MeasureFairness, tables: FairnessTables) -> tuple[_Rows, int]:
    names = [*cmd.protected, *(name for name in (cmd.score, cmd.decision, cmd.target) if name is not None)]
    texts = tables.texts(cmd.table, list(dict.fromkeys(names)))
    scores: Sequence[float | None]
    if cmd.scorecard is not None:
        scores = tables.scores(cmd.table, cmd.scorecard)
    elif cmd.score is not None:
        scores = [_number(text, row, cmd.score, cmd.table) for row, text in enumerate(texts[cmd.score], 1)]
    else:
        assert cmd.decision is not None
        _known(cmd.approved, texts[cmd.decision], cmd.decision, "approved")
        scores = [None] * len(texts[cmd.decision])
    given = texts[cmd.decision] if cmd.decision is not None else scores
    kept = [at for at, value in enumerate(given) if value is not None]
    picked = {name: [column[at] for at in kept] for name, column in texts.items()}
    chosen = [scores[at] for at in kept]
    return _Rows(picked, chosen, _granted(cmd, picked, chosen), _bads(cmd, picked)), len(given) - len(kept)


def _number(text: str | None, row: int, column: str, path: Path) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InputError(
            column, f"{text!r} is no score (row {row}).", remedy="Correct it.", file=path.name, column=column
        )
    return number


def _known(value: str | None, column: Texts, name: str, option: str) -> None:
    if value not in column:
        seen = ", ".join(sorted({str(text) for text in column if text is not None})[:20])
        raise InputError(option, f"No row of {name} is {value!r}.", remedy=f"Its values are {seen}.")


def _granted(cmd: MeasureFairness, texts: Mapping[str, Texts], scores: Sequence[float | None]) -> list[bool]:
    if cmd.decision is not None:
        return [text == cmd.approved for text in texts[cmd.decision]]
    if cmd.approve_above is not None:
        return [score is not None and score >= cmd.approve_above for score in scores]
    assert cmd.approve_below is not None
    return [score is not None and score <= cmd.approve_below for score in scores]


def _bads(cmd: MeasureFairness, texts: Mapping[str, Texts]) -> list[bool | None]:
    if cmd.target is None:
        return [None] * len(next(iter(texts.values())))
    _known(cmd.bad, texts[cmd.target], cmd.target, "bad")
    return [None if text is None else text == cmd.bad for text in texts[cmd.target]]


def _references(cmd: MeasureFairness) -> dict[str, str]:
    """The reference value of each protected column."""
    if not cmd.protected:
        raise InputError("protected", "Name a protected column.")
    named = {name: value for given in cmd.reference for name in cmd.protected for value in _after(given, name)}
    plain = [given for given in cmd.reference if not any(_after(given, name) for name in cmd.protected)]
    rest = [name for name in cmd.protected if name not in named]
    if rest and len(plain) not in (1, len(rest)):
        raise InputError(
            "reference",
            f"{len(rest)} protected columns have {len(plain)} reference values.",
            remedy="Give one for all, one for each in order, or COLUMN=VALUE.",
        )
    return named | dict(zip(rest, plain * len(rest) if len(plain) == 1 else plain, strict=False))


def _after(given: str, name: str) -> list[str]:
    return [given[len(name) + 1 :]] if given.startswith(f"{name}=") else []


def _column(name: str, reference: str, rows: _Rows, least: int) -> ColumnFairness:
    _known(reference, rows.texts[name], name, "reference")
    groups = rows.groups(name, rows.approved, rows.scores)
    others = sorted((value for value in groups if value is not None and value != reference), key=str)
    listed = [*others, None] if None in groups else others
    return ColumnFairness(
        name, groups[reference], tuple(compare(groups[value], groups[reference], least) for value in listed)
    )


def _alternatives(
    cmd: MeasureFairness, tables: FairnessTables, rows: _Rows, references: Mapping[str, str], progress: Progress
) -> list[Alternative]:
    """Each candidate, the scorecard itself first, at the scorecard's number of approvals."""
    assert cmd.scorecard is not None
    candidates = [(cmd.scorecard.name, cmd.scorecard), *cmd.candidates]
    if not any(rows.bad) or all(bad for bad in rows.bad if bad is not None):
        raise InputError("target", "Goods and bads are needed to compare candidates.")
    found = []
    for place, (name, card) in enumerate(candidates):
        progress(place, len(candidates), "candidate")
        found.append(_alternative(name, tables.scores(cmd.table, card), cmd, rows, references))
    return found


def _alternative(
    name: str, scores: Sequence[float], cmd: MeasureFairness, rows: _Rows, references: Mapping[str, str]
) -> Alternative:
    cut, count = cut_off_for(scores, sum(rows.approved))
    approved = [score >= cut for score in scores]
    ratios = []
    for column in cmd.protected:
        groups = rows.groups(column, approved, list(scores))
        reference = groups[references[column]]
        for value, group in groups.items():
            ratio = compare(group, reference, cmd.least).air
            if value is not None and group is not reference and ratio is not None:
                ratios.append((f"{column}={value}", ratio))
    worst = min(ratios, key=lambda pair: (pair[1].value, pair[0]), default=None)
    known = [(score, bad) for score, bad in zip(scores, rows.bad, strict=True) if bad is not None]
    area = auc_estimate(histogram((score, int(not bad), int(bad)) for score, bad in known))
    return Alternative(
        name=name,
        auc=area,
        approved=count,
        cut_off=cut,
        air=worst[1].value if worst else None,
        worst=worst[0] if worst else None,
        groups=tuple(sorted(ratios, key=lambda pair: pair[0])),
    )
