"""The rules by which statement lines are recognised: ours, and what a lender's own file changes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.domain.transactions.rules import DIRECTIONS, GROUPS, PurposeClass, Rules
from app.errors import InputError

FILE = Path(__file__).parent / "catalogue" / "transactions.toml"
OWN_FILE = "transactions.toml"
_KEYS = {"label", "direction", "group", "words", "against", "least", "most", "monthly", "replace", "before", "off"}
_REMEDY = "Mend the entry; docs/transactions.md describes the file."


def load_rules(own: Path | None = None) -> Rules:
    """The rules, changed by the lender's own file where there is one. Raises ``InputError`` naming the entry."""
    if own is None or not own.is_file():
        return _rules(None, 0)
    return _rules(own, own.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _rules(own: Path | None, _: int) -> Rules:
    raw = _read(FILE)
    classes: dict[str, dict[str, Any]] = {name: dict(entry) for name, entry in raw["classes"].items()}
    parties, noise = dict(raw["parties"]), list(raw["noise"]["words"])
    if own is not None:
        more = _read(own)
        if unknown := set(more) - {"classes", "parties", "noise"}:
            raise _wrong(own, ", ".join(sorted(unknown)), "is no part of the rules")
        classes = _changed(classes, more.get("classes", {}), own)
        parties |= more.get("parties", {})
        noise += more.get("noise", {}).get("words", [])
    file = own or FILE
    made = tuple(_class(name, entry, file) for name, entry in classes.items() if not entry.get("off"))
    return Rules(made, {words.casefold(): name for words, name in parties.items()}, frozenset(noise))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise _wrong(path, "the file", f"is no TOML: {exc}") from exc


def _wrong(path: Path, what: str, why: str) -> InputError:
    return InputError("transactions", f"{what} {why}.", remedy=_REMEDY, file=path.name)


def _changed(
    classes: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]], path: Path
) -> dict[str, dict[str, Any]]:
    """Known classes get further words (or, with ``replace``, only the file's); new ones stand first or ``before``."""
    order = list(classes)
    for name, entry in more.items():
        if unknown := set(entry) - _KEYS:
            raise _wrong(path, f"[classes.{name}]", f"has unknown keys: {', '.join(sorted(unknown))}")
        before = entry.get("before", None if name in classes else order[0])
        if before is not None:
            if before not in order:
                raise _wrong(path, f"[classes.{name}]", f"is to stand before {before}, which there is not")
            order = [each for each in order if each != name]
            order.insert(order.index(before), name)
        held = {} if entry.get("replace") else classes.get(name, {})
        words = {language: list(listed) for language, listed in held.get("words", {}).items()}
        for language, listed in entry.get("words", {}).items():
            words[language] = words.get(language, []) + list(listed)
        against = [*held.get("against", []), *entry.get("against", [])]
        classes[name] = {**classes.get(name, {}), **entry, "words": words, "against": against}
    return {name: classes[name] for name in order}


def _class(name: str, entry: Mapping[str, Any], path: Path) -> PurposeClass:
    where = f"[classes.{name}]"
    if unknown := set(entry) - _KEYS:
        raise _wrong(path, where, f"has unknown keys: {', '.join(sorted(unknown))}")
    direction, group, label = entry.get("direction"), entry.get("group"), entry.get("label", {})
    if direction not in DIRECTIONS:
        raise _wrong(path, where, f"needs a direction, one of {', '.join(DIRECTIONS)}")
    if group not in GROUPS:
        raise _wrong(path, where, f"needs a group, one of {', '.join(GROUPS)}")
    if not isinstance(label, dict) or "en" not in label:
        raise _wrong(path, where, 'needs a label such as { en = "Rent", zh = "房租" }')
    listed = [word for words in entry.get("words", {}).values() for word in words]
    if not listed or not all(isinstance(word, str) and word.strip(" *") for word in listed):
        raise _wrong(path, where, "needs words by language, each a text")
    least, most = (_amount(entry.get(key), where, path) for key in ("least", "most"))
    return PurposeClass(
        id=name,
        label=label,
        direction=direction,
        group=group,
        words=tuple(dict.fromkeys(listed)),
        against=frozenset(entry.get("against", ())),
        least=least,
        most=most,
        monthly=bool(entry.get("monthly", False)),
    )


def _amount(value: object, where: str, path: Path) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation as exc:
        raise _wrong(path, where, f"has an amount that is no number: {value}") from exc
