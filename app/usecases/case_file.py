"""Read a case that was written down as JSON: facts under anybody's labels, and findings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.checks.casebook import Benchmark, CaseFact, CaseFinding, CheckedCase, Value
from app.domain.facts import Stance
from app.domain.figures import find_figures
from app.domain.phrases import LANGUAGES
from app.errors import InputError

MOST_FACTS = 2_000
LONGEST_FIELD = 2_000  # characters
_WORDS = {"text", "string", "name", "category", "enum", "文本"}
_YES, _NO = {"true", "yes", "是"}, {"false", "no", "否"}
_HAN = re.compile(r"[\u4e00-\u9fff]")


def read_case(text: str, file: str, today: date | None = None) -> CheckedCase:
    """The case that ``text`` (JSON, see docs/drafting.md) describes.

    Raises ``InputError`` with the place when it is no JSON or an entry has not the shape of a fact or a finding.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as exc:
        raise InputError(
            "facts", f"This is no JSON: {exc.msg}.", remedy="Mend the file.", file=file, line=exc.lineno
        ) from exc
    if not isinstance(data, dict) or not isinstance(data.get("facts"), list):
        raise InputError("facts", 'The file holds no object with a list of "facts".', file=file)
    if len(data["facts"]) > MOST_FACTS:
        raise InputError("facts", f"The file has {len(data['facts'])} facts.", remedy=f"Give {MOST_FACTS:,} at most.")
    facts = tuple(_fact(entry, number, file) for number, entry in enumerate(data["facts"], start=1))
    twice = {fact.id for fact in facts if sum(other.id == fact.id for other in facts) > 1} if len(facts) < 500 else None
    if twice or (twice is None and len({fact.id for fact in facts}) < len(facts)):
        raise InputError("facts", "Two facts have the same id.", remedy="Give each its own.", file=file)
    findings = tuple(_finding(entry, number, file) for number, entry in enumerate(data.get("findings") or [], start=1))
    language = data.get("language") or _language(facts)
    if language not in LANGUAGES:
        raise InputError("language", f"There are no checks for {language!r}.", remedy="Choose en or zh.", file=file)
    return CheckedCase(str(data.get("id") or "case"), language, facts, findings, today)


def _language(facts: tuple[CaseFact, ...]) -> str:
    return "zh" if sum(bool(_HAN.search(fact.label)) for fact in facts) * 2 > len(facts) else "en"


def _fact(entry: Any, number: int, file: str) -> CaseFact:
    where = f"Fact {number}"
    if not isinstance(entry, Mapping):
        raise InputError("facts", f"{where} is no object.", file=file)
    missing = [key for key in ("id", "label", "value") if entry.get(key) is None]
    if missing:
        raise InputError("facts", f"{where} has no {', '.join(missing)}.", remedy="Add it.", file=file)
    unit = _text(entry.get("unit", ""), where, "unit", file)
    raw = _text(entry.get("raw", ""), where, "raw", file)
    return CaseFact(
        id=_text(entry["id"], where, "id", file),
        label=_text(entry["label"], where, "label", file),
        value=value_of(entry["value"], unit, raw),
        raw=raw,
        unit=unit or _unit_in(raw),
        stance=_stance(entry.get("stance"), where, file),
        benchmark=_benchmark(entry.get("benchmark"), unit, where, file),
        note=_text(entry.get("note", ""), where, "note", file),
    )


def _text(value: Any, where: str, key: str, file: str) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise InputError("facts", f"{where}: {key} is no text.", file=file)
    return str(value)[:LONGEST_FIELD]


def _stance(word: Any, where: str, file: str) -> Stance:
    if word in (None, ""):
        return Stance.NEUTRAL
    known = {"adverse": Stance.ADVERSE, "favourable": Stance.FAVOURABLE, "favorable": Stance.FAVOURABLE}
    known |= {
        "neutral": Stance.NEUTRAL,
        "unfavourable": Stance.ADVERSE,
        "negative": Stance.ADVERSE,
        "positive": Stance.FAVOURABLE,
    }
    if not isinstance(word, str) or word.lower() not in known:
        raise InputError(
            "stance", f"{where} has the stance {word!r}.", remedy="Choose adverse, favourable or neutral.", file=file
        )
    return known[word.lower()]


def _benchmark(entry: Any, unit: str, where: str, file: str) -> Benchmark | None:
    if entry is None:
        return None
    if not isinstance(entry, Mapping):
        raise InputError("benchmark", f"{where}: the benchmark is no object.", file=file)
    value = None if entry.get("value") is None else value_of(entry["value"], unit, "")
    return Benchmark(
        _text(entry.get("against"), where, "against", file),
        value,
        _text(entry.get("relation"), where, "relation", file),
    )


def value_of(value: Any, unit: str, raw: str) -> Value:
    """A value as its unit has it: a date, yes or no, a number, else the text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = str(value).strip()
    plain = unit.strip().lower()
    if plain in _WORDS:
        return text
    if plain in ("boolean", "bool", "yes/no", "是否") and text.lower() in _YES | _NO:
        return text.lower() in _YES
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}(?:T.*)?", text):
        try:
            year, month, day = (int(part) for part in text.split("T")[0].split("-"))
            return date(year, month, day)
        except ValueError:
            return text
    if plain in ("date", "日期"):
        days = [figure.day for figure in find_figures(text) if figure.day is not None]
        return days[0] if days else text
    return _number(text, raw)


def _number(text: str, raw: str) -> Value:
    bare = re.sub(r"\s*(?:%|％|[A-Z]{3}|€|\$|£|¥|元|months?|years?|days?|个月|年|天|次|个)\s*$", "", text).replace(
        " ", ""
    )
    bare = re.sub(r"^(?:[A-Z]{3}|[€$£¥])\s*", "", bare)
    try:
        number = Decimal(bare.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare) else bare)
    except InvalidOperation:
        return text
    return number if number.is_finite() and abs(number) < Decimal(10) ** 18 else text


def _unit_in(raw: str) -> str:
    """A unit that only the printed value tells."""
    match = re.search(r"\b[A-Z]{3}\b|[€$£%％元]|months?\b|years?\b|days?\b|个月|年|天", raw)
    return match.group() if match else ""


def _finding(entry: Any, number: int, file: str) -> CaseFinding:
    where = f"Finding {number}"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("fact_ids", []), list):
        raise InputError(
            "findings", f"{where} is no finding.", remedy="Give code, stance, text and fact_ids.", file=file
        )
    return CaseFinding(
        _text(entry.get("code", f"finding.{number}"), where, "code", file),
        _stance(entry.get("stance"), where, file),
        _text(entry.get("text", ""), where, "text", file),
        tuple(str(fact) for fact in entry.get("fact_ids") or []),
    )
