"""A PMML 4.4 Scorecard read as a scorecard: the bins are found by asking its predicates about every kind of value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import inf, isfinite, nextafter
from pathlib import Path
from typing import Any, NoReturn

from app.adapters.pmml import EXTENSION
from app.adapters.pmml_predicates import PREDICATES, Value, fields_of, local_name, truth, values_of
from app.domain.scorecard import Characteristic, CharacteristicKind, ReasonsMethod, Scaling, Scorecard, plain
from app.domain.scorecard_format import FORMAT, read_scorecard
from app.errors import InputError

MAX_BYTES = 16 * 2**20
_REMEDY = "Only scorecards of whole points whose characteristics look at one field each can be taken over."
_UNSEEN = "\0unseen"
_NOTHING = {"value": "0", "low": "-1", "high": "1"}  # a figure nobody measured


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file something stands, for messages."""

    file: str
    name: str

    def refuse(self, why: str) -> NoReturn:
        raise InputError(self.name, f"{self.name}: {why}", remedy=_REMEDY, file=self.file)


def from_pmml(path: Path, scaling: Scaling | None = None) -> Scorecard:
    """Read a PMML file. What was written by ``to_pmml`` and not changed since comes back as it was.

    Any other scorecard says nothing of good:bad odds: ``scaling`` gives them, from which its PD follows. Raises
    ``InputError`` with file and place for what cannot be taken over.
    """
    root = _root(path)
    top = _Place(path.name, "PMML")
    models = [part for part in root if local_name(part) == "Scorecard"]
    if local_name(root) != "PMML" or len(models) != 1:
        top.refuse(f"there is not one Scorecard in it, but {len(models)}.")
    characteristics = _Model(models[0], _data_fields(root), path.name).characteristics()
    kept = _kept(root, top)
    if kept is not None:
        found = read_scorecard({**kept.document, "characteristics": characteristics}, path.name)
        return kept if _scores_as(found, kept) else found
    if scaling is None:
        raise InputError(
            "scaling",
            "The file does not say what its points mean in good:bad odds.",
            remedy="Give --base-points, --base-odds and --pdo.",
            file=path.name,
        )
    return read_scorecard(_document(models[0], characteristics, path, scaling), path.name)


def _root(path: Path) -> Any:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            message = f"The file is larger than {MAX_BYTES // 2**20} MB; no scorecard is."
            raise InputError("file", message, remedy="Check that it is the right file.", file=str(path))
        return fromstring(content, forbid_dtd=True)
    except OSError as exc:
        message = f"The PMML file cannot be read: {exc.strerror or exc}."
        raise InputError("file", message, remedy="Check the path.", file=str(path)) from exc
    except (ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        message = f"The PMML file is no plain XML: {exc}."
        raise InputError("file", message, remedy="Export it again.", file=str(path)) from exc


def _data_fields(root: Any) -> dict[str, CharacteristicKind]:
    kinds = {}
    for field in root.iter():
        if local_name(field) == "DataField":
            continuous = field.get("optype") == "continuous"
            boolean = field.get("dataType") == "boolean"
            kind = CharacteristicKind.NUMERIC if continuous else CharacteristicKind.CATEGORY
            kinds[str(field.get("name"))] = CharacteristicKind.BOOLEAN if boolean else kind
    return kinds


def _kept(root: Any, top: _Place) -> Scorecard | None:
    """The scorecard that went along in the Extension."""
    texts = [part.get("value", "") for part in root.iter() if part.get("name") == EXTENSION]
    if not texts:
        return None
    try:
        return read_scorecard(json.loads(texts[0]), top.file)
    except (ValueError, RecursionError, TypeError, AttributeError) as exc:
        top.refuse(f"the scorecard in its Extension is damaged: {exc}.")


def _scores_as(found: Scorecard, kept: Scorecard) -> bool:
    """Whether both give the same points and reasons for every value, however their bins are divided."""
    maximum = kept.reasons_method is ReasonsMethod.MAXIMUM
    baselines = [row.maximum_points if maximum else row.neutral_points for row in kept.characteristics]
    return (
        [(row.name, row.kind, row.reason_code) for row in found.characteristics]
        == [(row.name, row.kind, row.reason_code) for row in kept.characteristics]
        and [row.neutral_points for row in found.characteristics] == baselines
        and all(_tell_alike(*rows) for rows in zip(found.characteristics, kept.characteristics, strict=True))
    )


def _tell_alike(one: Characteristic, other: Characteristic) -> bool:
    values: list[Any] = [None]
    bins = (*one.bins, *other.bins)
    if one.kind is CharacteristicKind.NUMERIC:
        ends = {end for entry in bins for end in (entry.lower, entry.upper, *entry.special) if end is not None}
        near = (each for end in ends for each in (nextafter(end, -inf), end, nextafter(end, inf)))
        values += [Decimal(each) for each in near if isfinite(each)]
        values.append(Decimal("-Infinity"))
    elif one.kind is CharacteristicKind.CATEGORY:
        values += [_UNSEEN, *(name for entry in bins for name in entry.categories)]
    else:
        values += [True, False]
    return all(one.bins[one.bin_of(value)].points == other.bins[other.bin_of(value)].points for value in values)


@dataclass(frozen=True, slots=True)
class _Model:
    """The Scorecard element."""

    element: Any
    fields: Mapping[str, CharacteristicKind]
    file: str

    def characteristics(self) -> list[dict[str, Any]]:
        place = _Place(self.file, "Scorecard")
        if self.element.get("reasonCodeAlgorithm", "pointsBelow") != "pointsBelow":
            place.refuse("its reasons are not by points below a baseline.")
        for part in self.element:
            if local_name(part) == "LocalTransformations" and len(part):
                place.refuse("it derives fields of its own.")
        rows = [part for part in self.element.iter() if local_name(part) == "Characteristic"]
        start = _whole(self.element.get("initialScore", "0"), place)
        made = [self._characteristic(row, number) for number, row in enumerate(rows)]
        if made and start:
            made[0]["neutral_points"] += start
            for entry in made[0]["bins"]:
                entry["points"] += start
        return made

    def _characteristic(self, row: Any, number: int) -> dict[str, Any]:
        place = _Place(self.file, f"Characteristic {row.get('name') or number + 1}")
        attributes = [part for part in row if local_name(part) == "Attribute"]
        reader = _Attributes([_predicate(each, place) for each in attributes], self.fields, place)
        points = [_whole(each.get("partialScore"), place) for each in attributes]
        bins = [spec | _counted(points[at]) for spec, at in reader.bins()]
        baseline = row.get("baselineScore", self.element.get("baselineScore"))
        codes = {code for each in attributes if (code := each.get("reasonCode", row.get("reasonCode"))) is not None}
        if len(codes) > 1:
            place.refuse("its attributes have different reason codes.")
        return {
            "name": reader.field,
            "kind": reader.kind.value,
            "reason_code": next(iter(codes), reader.field),
            "coefficient": "1",
            "neutral_points": max(points) if baseline is None else _whole(baseline, place),
            "bins": bins,
        }


def _predicate(attribute: Any, place: _Place) -> Any:
    found = [part for part in attribute if local_name(part) in PREDICATES]
    if len(found) != 1 or attribute.get("partialScore") is None:
        place.refuse("an attribute has not one plain predicate and a partialScore.")
    return found[0]


def _counted(points: int) -> dict[str, Any]:
    return {"points": points, "woe": "0", "good": 0, "bad": 0}


def _whole(text: str | None, place: _Place) -> int:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        place.refuse(f"{text!r} is no number.")
    if not number.is_finite() or number != number.to_integral_value():
        place.refuse(f"{text} is no whole number of points.")
    return int(number)


class _Attributes:
    """A characteristic's predicates in their order; the first that holds gives the points."""

    def __init__(self, predicates: Sequence[Any], fields: Mapping[str, CharacteristicKind], place: _Place) -> None:
        names = set().union(*map(fields_of, predicates)) if predicates else set()
        if len(names) != 1 or next(iter(names)) not in fields:
            place.refuse(f"its predicates look at {sorted(names) or 'nothing'}, not at one field of the data.")
        self.field: str = next(iter(names))
        self.kind = fields[self.field]
        self._predicates = predicates
        self._place = place
        self._read: Callable[[str], Any] = self._number if self.kind is CharacteristicKind.NUMERIC else str

    def _number(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            self._place.refuse(f"{text!r} is no number.")
        if not isfinite(number):
            self._place.refuse(f"{text} is no finite number.")
        return number + 0.0

    def bins(self) -> list[tuple[dict[str, Any], int]]:
        """What each bin holds, in the form of the document, and the position of its attribute."""
        numeric = self.kind is CharacteristicKind.NUMERIC
        found = self._numeric_bins() if numeric else self._category_bins()
        missing = self._holder(None, "a missing value")
        return [*found, ({"missing": True}, missing)]

    def _holder(self, value: Value, shown: str) -> int:
        holds = (truth(predicate, value, self._read, self._place.refuse) for predicate in self._predicates)
        found = next((at for at, each in enumerate(holds) if each), None)
        if found is None:
            self._place.refuse(f"no attribute takes {shown}; there must be points for every value.")
        return found

    def _values(self) -> list[Any]:
        return [value for predicate in self._predicates for value in values_of(predicate, self._read)]

    def _numeric_bins(self) -> list[tuple[dict[str, Any], int]]:
        """Between neighbouring values all predicates stay as they are: one look at each value and between each two."""
        values = sorted(set(self._values()))
        starts = sorted({each for value in values for each in (value, nextafter(value, inf)) if isfinite(each)})
        cells = [(start, self._holder(start, f"the number {plain(start)}")) for start in starts]
        first = self._holder(-inf, "numbers below all that are named")
        special = [
            (start, at)
            for before, (start, at), (after, then) in zip(
                [first, *(at for _, at in cells)], cells, cells[1:], strict=False
            )
            if start in set(values) and after == nextafter(start, inf) and before == then != at
        ]
        held = {start for start, _ in special}
        ends: list[tuple[float | None, int]] = [(None, first)]
        for start, at in cells:
            if start not in held and at != ends[-1][1]:
                ends.append((start, at))
        spans = pairwise([*ends, (None, -1)])
        found = [({"from": _text(lower), "to": _text(upper)}, at) for (lower, at), (upper, _) in spans]
        by_attribute: dict[int, list[str]] = {}
        for start, at in special:
            by_attribute.setdefault(at, []).append(plain(start))
        return [*found, *(({"special": texts}, at) for at, texts in by_attribute.items())]

    def _category_bins(self) -> list[tuple[dict[str, Any], int]]:
        boolean = self.kind is CharacteristicKind.BOOLEAN
        names = ["true", "false"] if boolean else list(dict.fromkeys(self._values()))
        unseen = None if boolean else self._holder(_UNSEEN, "categories that are not named")
        by_attribute: dict[int, list[str]] = {}
        for name in names:
            by_attribute.setdefault(self._holder(name, f"the category {name!r}"), []).append(name)
        found: list[tuple[dict[str, Any], int]] = [({"categories": texts}, at) for at, texts in by_attribute.items()]
        return found if unseen is None else [*found, ({"unseen": True}, unseen)]


def _text(end: float | None) -> str | None:
    return None if end is None else plain(end)


def _document(model: Any, characteristics: list[dict[str, Any]], path: Path, scaling: Scaling) -> dict[str, Any]:
    """A document around the characteristics: what the file does not say is named as unknown."""
    name = model.get("modelName") or path.stem
    slope = 1 / scaling.factor
    return {
        "format": FORMAT,
        "name": name,
        "version": "1.0.0",
        "title": {"en": name, "zh": name},
        "author": "unknown",
        "target": {"good": "unknown", "bad": "unknown"},
        "scaling": {
            "base_points": round(scaling.base_points),
            "base_odds_good_bad": plain(scaling.base_odds),
            "pdo": plain(scaling.pdo),
        },
        "intercept": "0",
        "characteristics": characteristics,
        "calibration": {"intercept": f"{scaling.log_odds(0):.12f}", "slope": f"{slope:.12f}"},
        "grades": [{"name": "A", "minimum_points": None}],
        "excluded": [],
        "proxies": [],
        "fit": {
            "data": {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": 1},
            "split": {"method": "unknown", "holdout_pct": 0, "seed": 0},
            "performance": {
                "sample": "unknown",
                "good": 0,
                "bad": 0,
                **dict.fromkeys(("auc", "gini", "ks"), _NOTHING),
                "confidence_pct": 95,
                "resamples": 1,
                "seed": 0,
            },
            "notes": "Taken over from PMML, which holds no development figures.",
        },
    }
