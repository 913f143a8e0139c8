"""Reads the scorecard's JSON document (``docs/scorecard.md``) and names the place of everything it refuses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import isinf
from typing import Any, NoReturn, TypeVar

from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.ratios import with_sources
from app.domain.scorecard import (
    Approval,
    Bin,
    Calibration,
    Characteristic,
    CharacteristicKind,
    Exclusion,
    Figure,
    Grade,
    Performance,
    ReasonsMethod,
    Scaling,
    Scorecard,
)
from app.errors import InputError

FORMAT = "caseworth-scorecard/1"
MAX_CHARACTERISTICS = 60
MAX_BINS = 250
MAX_CATEGORIES = 5_000
MAX_POINTS = 10_000
MAX_SPAN = 20_000
MAX_DEPTH = 20
_REMEDY = "Mend the scorecard file, or make it again with the fitting script; docs/scorecard.md gives the format."
_NUMERIC = {Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.MONTHS, Kind.YEARS, Kind.DAYS, Kind.NUMBER}
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Node:
    """A JSON value and the place it stands at, ``characteristics[3].bins[0].points``."""

    value: Any
    place: str
    file: str | None = field(default=None)

    def refuse(self, why: str) -> NoReturn:
        raise InputError(
            self.place or "scorecard", f"{self.place or 'The scorecard'}: {why}", remedy=_REMEDY, file=self.file
        )

    def object(self, required: str, optional: str = "") -> _Node:
        """Itself, if it is an object with these keys and no other."""
        if not isinstance(self.value, dict):
            self.refuse("an object is expected here.")
        for key in required.split():
            if key not in self.value:
                self.refuse(f'"{key}" is missing.')
        unknown = sorted(set(self.value) - set(required.split()) - set(optional.split()))
        if unknown:
            self.refuse(f'"{unknown[0]}" is not part of the format.')
        return self

    def __getitem__(self, key: str) -> _Node:
        return _Node(self.value.get(key), f"{self.place}.{key}" if self.place else key, self.file)

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def items(self, least: int, most: int) -> Iterator[_Node]:
        if not isinstance(self.value, list):
            self.refuse("a list is expected here.")
        if not least <= len(self.value) <= most:
            self.refuse(f"{least} to {most} entries are expected, and there are {len(self.value)}.")
        for position, value in enumerate(self.value):
            yield _Node(value, f"{self.place}[{position}]", self.file)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip() or "\0" in self.value:
            self.refuse("a text is expected here.")
        return str(self.value)

    def category(self) -> str:
        """A text as it stands in the data: blanks count, and NUL, which no database takes, is refused."""
        if not isinstance(self.value, str) or not self.value or "\0" in self.value:
            self.refuse(f"a text is expected here, not {self.value!r}.")
        return self.value

    def integer(self, least: int, most: int) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not least <= self.value <= most:
            self.refuse(f"a whole number from {least} to {most} is expected, not {self.value!r}.")
        return int(self.value)

    def decimal(self, places: int = 12) -> Decimal:
        """A decimal number written as text (binary floats have no exact JSON form)."""
        try:
            number = Decimal(self.value) if isinstance(self.value, str) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or abs(number) >= 10**14:
            self.refuse(f'a decimal number as text is expected, like "12.5", not {self.value!r}.')
        if -int(number.as_tuple().exponent) > places:
            self.refuse(f"{self.value} has more than {places} decimals.")
        return number

    def double(self) -> float:
        """An end of an interval or a special value: decimal text of a finite IEEE double."""
        if not isinstance(self.value, str) or not _DECIMAL.fullmatch(self.value):
            self.refuse(f'a decimal number as text is expected, like "12.5", not {self.value!r}.')
        number = float(self.value)
        if isinf(number):
            self.refuse(f"{self.value} is beyond the range of an IEEE double.")
        return number + 0.0  # minus zero is zero

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse(f"true or false is expected, not {self.value!r}.")
        return self.value

    def one_of(self, read: Callable[[str], _T], names: str) -> _T:
        try:
            return read(self.text())
        except ValueError:
            self.refuse(f"one of {names} is expected, not {self.value!r}.")


def read_scorecard(document: Mapping[str, Any], file: str | None = None) -> Scorecard:
    """Build the scorecard of a JSON document. Raises ``InputError`` that names the place of the first fault."""
    node = _Node(document, "", file).object(
        "format name version title author target scaling intercept characteristics calibration grades excluded "
        "proxies fit",
        "reasons_method approved_by approved_at valid_from",
    )
    if node["format"].text() != FORMAT:
        node["format"].refuse(f"this version reads {FORMAT}, not {node['format'].value!r}.")
    _refuse_floats(node)
    node["target"].object("good bad", "source")
    for part in ("good", "bad"):
        node["target"][part].text()
    title = node["title"].object("en zh")
    card = Scorecard(
        name=node["name"].text(),
        version=node["version"].text(),
        title={language: title[language].text() for language in ("en", "zh")},
        author=node["author"].text(),
        scaling=_scaling(node["scaling"]),
        intercept=node["intercept"].decimal(),
        characteristics=_characteristics(node["characteristics"]),
        calibration=_calibration(node["calibration"]),
        grades=_grades(node["grades"]),
        performance=_fit(node["fit"]),
        excluded=_reasons_why(node["excluded"]),
        proxies=_reasons_why(node["proxies"]),
        document=document,
        reasons_method=_reasons_method(node["reasons_method"]),
        approval=_approval(node),
    )
    if card.maximum_points - card.minimum_points > MAX_SPAN:
        node["characteristics"].refuse(f"the totals span more than {MAX_SPAN} points.")
    return card


def with_reasons(card: Scorecard, method: ReasonsMethod | None) -> Scorecard:
    """The scorecard with its reasons by another method, which its document then says; None leaves it as it is."""
    if method is None or method is card.reasons_method:
        return card
    return read_scorecard({**card.document, "reasons_method": method.value})


def _approval(node: _Node) -> Approval:
    """Who approved it, when, and from which day it holds; null until approved."""
    by = node["approved_by"].text() if node.has("approved_by") else None
    at = node["approved_at"].one_of(datetime.fromisoformat, "ISO 8601 times") if node.has("approved_at") else None
    valid_from = node["valid_from"].one_of(date.fromisoformat, "ISO 8601 days") if node.has("valid_from") else None
    if (by is None) != (at is None):
        node["approved_by"].refuse("who approved it and when stand together.")
    if by is not None and by == node["author"].value:
        node["approved_by"].refuse("a second person approves, not the author.")
    return Approval(by, at, valid_from)


def check_catalogue(card: Scorecard, catalogue: Catalogue, file: str | None = None) -> None:
    """Refuse facts the catalogue does not know, of another kind, or that are or rest on a prohibited basis."""
    for position, row in enumerate(card.characteristics):
        node = _Node(row.name, f"characteristics[{position}].name", file)
        definition = catalogue.get(row.name)
        if definition is None:
            node.refuse(f"{row.name} is no fact of the catalogue.")
        for name in with_sources([row.name]):
            if catalogue.prohibited(name):
                basis = catalogue[name].prohibited_basis
                node.refuse(f"{name} is a prohibited basis ({basis}) and must not enter a score.")
        if _kind_for(definition) is not row.kind:
            node.refuse(f"{row.name} is a {definition.kind.value} in the catalogue, not {row.kind.value}.")
        _check_categories(row, definition, position, file)


def _check_categories(row: Characteristic, definition: FactDefinition, position: int, file: str | None) -> None:
    if row.kind is not CharacteristicKind.CATEGORY or not definition.categories:
        return
    for number, entry in enumerate(row.bins):
        for name in entry.categories:
            if name not in definition.categories:
                place = f"characteristics[{position}].bins[{number}].categories"
                _Node(name, place, file).refuse(f"{name!r} is no category of {row.name} in the catalogue.")


def _kind_for(definition: FactDefinition) -> CharacteristicKind | None:
    if definition.kind in _NUMERIC:
        return CharacteristicKind.NUMERIC
    if definition.kind in {Kind.CATEGORY, Kind.TEXT}:
        return CharacteristicKind.CATEGORY
    return CharacteristicKind.BOOLEAN if definition.kind is Kind.BOOLEAN else None


def _refuse_floats(node: _Node, depth: int = 0) -> None:
    """Binary floats have no canonical form that every reader agrees on, so none may stand anywhere."""
    if depth > MAX_DEPTH:
        node.refuse("nothing of the format lies this deep.")
    if isinstance(node.value, int) and abs(node.value) >= 2**53:
        node.refuse(f"write {node.value} as text.")
    if isinstance(node.value, float):
        node.refuse(f'write {node.value} as text, "{node.value}".')
    if isinstance(node.value, dict):
        for key in node.value:
            _refuse_floats(node[key], depth + 1)
    if isinstance(node.value, list):
        for child in node.items(0, len(node.value)):
            _refuse_floats(child, depth + 1)


def _scaling(node: _Node) -> Scaling:
    node.object("base_points base_odds_good_bad pdo")
    odds, pdo = node["base_odds_good_bad"].decimal(), node["pdo"].decimal()
    if odds <= 0 or pdo <= 0:
        node.refuse("odds and points to double the odds are above zero.")
    return Scaling(pdo=float(pdo), base_points=node["base_points"].integer(0, MAX_POINTS), base_odds=float(odds))


def _calibration(node: _Node) -> Calibration:
    node.object("intercept slope")
    slope = node["slope"].decimal()
    if not 0 < slope <= 1:
        node["slope"].refuse("more points mean better odds, so the slope is above 0 (and at most 1).")
    return Calibration(node["intercept"].decimal(), slope)


def _grades(node: _Node) -> tuple[Grade, ...]:
    grades = []
    for entry in node.items(1, 26):
        entry.object("name minimum_points")
        floor = entry["minimum_points"]
        grades.append(Grade(entry["name"].text(), None if floor.value is None else floor.integer(-(10**7), 10**7)))
    floors = [grade.minimum_points for grade in grades]
    if floors[-1] is not None or None in floors[:-1]:
        node.refuse("the last grade, and only it, has null as minimum_points.")
    known = [floor for floor in floors if floor is not None]
    if known != sorted(set(known), reverse=True) or len({grade.name for grade in grades}) < len(grades):
        node.refuse("grades stand best first, with falling minimum_points and different names.")
    return tuple(grades)


def _reasons_method(node: _Node) -> ReasonsMethod:
    return ReasonsMethod.NEUTRAL if node.value is None else node.one_of(ReasonsMethod, ", ".join(ReasonsMethod))


def _reasons_why(node: _Node) -> tuple[Exclusion, ...]:
    entries = [entry.object("name why") for entry in node.items(0, 200)]
    return tuple(Exclusion(entry["name"].text(), entry["why"].text()) for entry in entries)


def _fit(node: _Node) -> Performance:
    node.object(
        "data split performance",
        "software notes grades development candidates method guards stability distribution",
    )
    data = node["data"].object("file sha256 rows", "source licence notice population")
    data["file"].text()
    data["rows"].integer(1, 10**9)
    if len(data["sha256"].text()) != 64 or set(data["sha256"].value) - set("0123456789abcdef"):
        data["sha256"].refuse("a SHA-256 in lower-case hexadecimal is expected.")
    node["split"].object("method holdout_pct seed", "development holdout")
    if node.has("distribution"):
        _distribution(node["distribution"])
    return _performance(node["performance"])


def _distribution(node: _Node) -> None:
    """Counts by points, ascending, of the samples the scorecard was made and measured on."""
    node.object("", "development holdout")
    for sample in node.value:
        before = None
        for entry in node[sample].items(0, MAX_SPAN + 1):
            entry.object("points good bad")
            points = entry["points"].integer(-(10**7), 10**7)
            if before is not None and points <= before:
                entry["points"].refuse("points ascend, each once.")
            before = points
            entry["good"].integer(0, 10**9)
            entry["bad"].integer(0, 10**9)


def _performance(node: _Node) -> Performance:
    node.object("sample good bad auc gini ks confidence_pct resamples seed", "brier")
    return Performance(
        sample=node["sample"].text(),
        good=node["good"].integer(0, 10**9),
        bad=node["bad"].integer(0, 10**9),
        auc=_figure(node["auc"]),
        gini=_figure(node["gini"]),
        ks=_figure(node["ks"]),
        confidence_pct=node["confidence_pct"].integer(50, 99),
        resamples=node["resamples"].integer(1, 10**7),
        seed=node["seed"].integer(0, 2**53 - 1),
        brier=_figure(node["brier"]) if node.has("brier") else None,
    )


def _figure(node: _Node) -> Figure:
    node.object("value low high")
    figure = Figure(node["value"].decimal(), node["low"].decimal(), node["high"].decimal())
    if not -1 <= figure.low <= figure.value <= figure.high <= 1:
        node.refuse("low, value and high stand in this order between -1 and 1.")
    return figure


def _characteristics(node: _Node) -> tuple[Characteristic, ...]:
    rows = tuple(_characteristic(entry) for entry in node.items(1, MAX_CHARACTERISTICS))
    names = [row.name for row in rows]
    for position, name in enumerate(names):
        if name in names[:position]:
            _Node(name, f"{node.place}[{position}].name", node.file).refuse(f"{name} stands here a second time.")
    return rows


def _characteristic(node: _Node) -> Characteristic:
    node.object("name kind reason_code neutral_points coefficient bins", "information_value")
    row = Characteristic(
        name=node["name"].text(),
        kind=node["kind"].one_of(CharacteristicKind, "numeric, category, boolean"),
        reason_code=node["reason_code"].text(),
        neutral_points=node["neutral_points"].integer(-MAX_POINTS, MAX_POINTS),
        coefficient=node["coefficient"].decimal(),
        bins=tuple(_bin(entry) for entry in node["bins"].items(1, MAX_BINS)),
    )
    if not row.minimum_points <= row.neutral_points <= row.maximum_points:
        node["neutral_points"].refuse("neutral points lie within the points of the bins.")
    _check_bins(row, node["bins"])
    return row


def _bin(node: _Node) -> Bin:
    node.object("points woe good bad", "from to special categories missing unseen")
    entry = Bin(
        points=node["points"].integer(-MAX_POINTS, MAX_POINTS),
        woe=node["woe"].decimal(),
        good=node["good"].integer(0, 10**9),
        bad=node["bad"].integer(0, 10**9),
        interval="from" in node.value or "to" in node.value,
        lower=node["from"].double() if node.has("from") else None,
        upper=node["to"].double() if node.has("to") else None,
        special=tuple(value.double() for value in node["special"].items(1, 50)) if node.has("special") else (),
        categories=_texts(node["categories"]) if node.has("categories") else (),
        missing=node.has("missing") and node["missing"].flag(),
        unseen=node.has("unseen") and node["unseen"].flag(),
    )
    if not entry.label:
        node.refuse("the bin holds nothing: give from and to, special, categories, missing or unseen.")
    return entry


def _texts(node: _Node) -> tuple[str, ...]:
    return tuple(entry.category() for entry in node.items(1, MAX_CATEGORIES))


def _check_bins(row: Characteristic, node: _Node) -> None:
    """Each possible value must have exactly one bin."""
    if sum(entry.missing for entry in row.bins) != 1:
        node.refuse("exactly one bin has missing = true.")
    numeric = row.kind is CharacteristicKind.NUMERIC
    for position, entry in enumerate(row.bins):
        wrong = (entry.categories or entry.unseen) if numeric else (entry.interval or entry.special)
        if wrong:
            _Node(None, f"{node.place}[{position}]", node.file).refuse(f"the bin does not suit a {row.kind.value}.")
    named = Counter(value for entry in row.bins for value in (entry.special if numeric else entry.categories))
    repeated = [str(value) for value, times in named.items() if times > 1]
    if repeated:
        node.refuse(f"{repeated[0]} stands in more than one place.")
    if numeric:
        _check_intervals(row, node)
    elif row.kind is CharacteristicKind.CATEGORY and sum(entry.unseen for entry in row.bins) != 1:
        node.refuse("exactly one bin has unseen = true, for categories that no bin names.")
    elif row.kind is CharacteristicKind.BOOLEAN and set(named) != {"true", "false"}:
        node.refuse('"true" and "false" each need a bin.')


def _check_intervals(row: Characteristic, node: _Node) -> None:
    intervals = [(position, entry) for position, entry in enumerate(row.bins) if entry.interval]
    if not intervals or intervals[0][1].lower is not None or intervals[-1][1].upper is not None:
        node.refuse("the first interval has from = null and the last has to = null.")
    for (_, before), (position, entry) in pairwise(intervals):
        if before.upper is None or before.upper != entry.lower:
            place = f"{node.place}[{position}].from"
            _Node(None, place, node.file).refuse("an interval begins where the one before it ends.")
    for position, entry in intervals:
        if entry.lower is not None and entry.upper is not None and entry.lower >= entry.upper:
            _Node(None, f"{node.place}[{position}].to", node.file).refuse("an interval ends above its beginning.")
