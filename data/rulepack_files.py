"""The rule packs that ship in ``data/rulepacks``: one file a version, ``<name>.toml`` or ``<name>.<version>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.phrases import LANGUAGES
from app.domain.rate_caps import MEASURES, PackCap, RateCap
from app.domain.rulepacks import Agency, Citation, Deadline, LegalNotice, RulePack, in_force
from app.errors import InputError

FOLDER = Path(__file__).resolve().parent / "rulepacks"
USUAL = "us-ecoa-reg-b"
LETTERS = ("action", "counter-offer")
_TEXTS = ("name", "version", "jurisdiction", "label", "note", "own_language", "in_force_from")
_RULES = ("sources", "deadlines", "notices", "agencies", "most_reasons", "score_disclosure", "bureau_disclosure")
_KEYS = frozenset((*_TEXTS, *_RULES, "price_caps"))
TRIGGERS = frozenset({"complete", "incomplete", "adverse-on-incomplete", "counter-offer"})


def list_rulepacks(folder: Path = FOLDER) -> list[str]:
    """Names of the packs in the folder."""
    return sorted({path.name.partition(".")[0] for path in folder.glob("*.toml")})


def load_rulepack(name: str, on: date, folder: Path = FOLDER) -> RulePack:
    """The version of a pack in force on a day. Raises ``InputError`` where there is none, or a file is wrong."""
    return in_force(load_versions(name, folder), on)


@cache
def load_versions(name: str, folder: Path = FOLDER) -> tuple[RulePack, ...]:
    """All versions of a pack, checked."""
    files = [path for path in sorted(folder.glob("*.toml")) if path.name.partition(".")[0] == name]
    if not files:
        known = ", ".join(list_rulepacks(folder)) or "none"
        raise InputError("rulepack", f"There is no rule pack {name}.", remedy=f"There are: {known}.")
    return tuple(_pack(path) for path in files)


def _pack(path: Path) -> RulePack:
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise _wrong(path, f"It cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise _wrong(path, str(exc)) from exc
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise _wrong(path, f"Unknown keys: {', '.join(unknown)}")
    try:
        return _read(entry)
    except KeyError as exc:
        raise _wrong(path, f"The key {exc} is missing") from exc
    except (TypeError, ValueError, AttributeError) as exc:
        raise _wrong(path, str(exc)) from exc


def _wrong(path: Path, why: str) -> InputError:
    return InputError("rulepack", f"{why}.", remedy="docs/letters.md says what a rule pack holds.", file=str(path))


def _read(entry: Mapping[str, Any]) -> RulePack:
    notices = {kind: _notice(kind, one) for kind, one in entry["notices"].items()}
    missing = [kind for kind in LETTERS if kind not in notices]
    if missing:
        raise ValueError(f"There is no notice for {', '.join(missing)}")
    began = entry.get("in_force_from")
    if began is not None and type(began) is not date:
        raise ValueError("in_force_from must be a date such as 2026-07-21")
    return RulePack(
        name=str(entry["name"]),
        version=str(entry["version"]),
        jurisdiction=str(entry["jurisdiction"]),
        label=_both(entry["label"]),
        in_force_from=began,
        deadlines={trigger: _deadline(trigger, one) for trigger, one in entry.get("deadlines", {}).items()},
        notices=notices,
        agencies=tuple(
            Agency(key, str(one["text"]), str(one["who"]), str(one["citation"]))
            for key, one in entry.get("agencies", {}).items()
        ),
        most_reasons=int(entry["most_reasons"]),
        score_disclosure=bool(entry["score_disclosure"]),
        bureau_disclosure=bool(entry["bureau_disclosure"]),
        own_language=str(entry.get("own_language", "")),
        sources=tuple(
            Citation(str(one["citation"]), str(one["standing"]), str(one["says"])) for one in entry["sources"]
        ),
        note=str(entry.get("note", "")),
        price_caps=tuple(_cap(one, f"{entry['name']} {entry['version']}") for one in entry.get("price_caps", ())),
    )


def _cap(one: Mapping[str, Any], source: str) -> PackCap:
    unknown = sorted(set(one) - {"pct", "measure", "citation", "standing", "currency"})
    if unknown:
        raise ValueError(f"A price cap has unknown keys: {', '.join(unknown)}")
    measure, pct, currency = one["measure"], one["pct"], str(one.get("currency", ""))
    if measure not in MEASURES:
        raise ValueError(f"A price cap bounds {', '.join(MEASURES)}, not {measure!r}")
    try:
        found = Decimal(pct) if isinstance(pct, str) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= 1000:
        raise ValueError(f'A price cap needs a percentage in quotes such as "36", not {pct!r}')
    if currency and not (len(currency) == 3 and currency.isupper()):
        raise ValueError(f"A price cap is for a currency such as USD, not {currency!r}")
    citation = Citation(str(one["citation"]), str(one["standing"]))
    return PackCap(RateCap(found, measure, citation.citation, source), currency)


def _deadline(trigger: str, one: Mapping[str, Any]) -> Deadline:
    if trigger not in TRIGGERS:
        raise ValueError(f"There is no deadline {trigger}; there are {', '.join(sorted(TRIGGERS))}")
    days = one["days"]
    if type(days) is not int or not 1 <= days <= 3650:
        raise ValueError(f"The deadline {trigger} needs whole days, not {days!r}")
    return Deadline(
        days,
        Citation(str(one["citation"]), str(one["standing"])),
        bool(one.get("combined", False)),
        str(one.get("combined_citation", "")),
    )


def _notice(kind: str, one: Mapping[str, Any]) -> LegalNotice:
    texts = {language: tuple(str(text) for text in one[language]) for language in LANGUAGES}
    if not all(texts.values()):
        raise ValueError(f"The notice {kind} has no text")
    return LegalNotice(_both(one["title"]), texts, str(one["citation"]))


def _both(texts: Mapping[str, Any]) -> dict[str, str]:
    return {language: str(texts[language]) for language in LANGUAGES}
