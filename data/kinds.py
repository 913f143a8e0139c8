"""Kinds of documents from ``data/catalogue``: ``kinds/<id>.toml`` on the fields of ``fields.toml``, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.identifiers import CHECKS
from app.domain.kind_words import KindWords
from app.domain.recognise import Scale
from data.catalogue import FOLDER, load_catalogue

WEIGHTS: Mapping[str, float] = {"title": 4.0, "strong": 1.5, "weak": 0.4, "against": -2.0}
"""Weight of evidence of each list of cues; titles count more where they stand as titles do (``recognise``)."""

_KIND_KEYS = frozenset({"label", "proves", "valid_months", "fields", "required", "cues", "field", "labels_of_facts"})
_FIELD_KEYS = frozenset({"type", "label", "labels", "fact", "check", "patterns", "shapes"})


@cache
def load_kinds(folder: Path = FOLDER) -> Mapping[str, DocumentKind]:
    """Every kind by its identifier, in the order of the files' names.

    Raises ``ValueError`` that names file and entry where one is wrong.
    """
    shared = _read(folder / "fields.toml")
    for name, entry in shared.items():
        _refuse_unknown(f"fields.toml: [{name}]", entry, _FIELD_KEYS)
    files = sorted((folder / "kinds").glob("*.toml"))
    kinds = {path.stem: _kind(path, _read(path), shared) for path in files}
    if folder != FOLDER:  # the patterns that the program brings are tried by its tests: compiling all takes long
        for kind in kinds.values():
            _check_patterns(kind)
    return kinds


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc


def _kind(path: Path, entry: Mapping[str, Any], shared: Mapping[str, Any]) -> DocumentKind:
    _refuse_unknown(path.name, entry, _KIND_KEYS)
    own = entry.get("field", {})
    for name in (*own, *entry.get("required", ())):
        if name not in entry.get("fields", ()):
            raise ValueError(f"{path.name}: {name} is not among its fields")
    try:
        return DocumentKind(
            id=path.stem,
            label=_languages(entry["label"]),
            fields=tuple(_field(path.name, name, entry, shared) for name in entry["fields"]),
            cues=_cues(path.name, entry["cues"]),
            proves=_languages(entry["proves"]),
            valid_months=entry.get("valid_months"),
        )
    except KeyError as exc:
        raise ValueError(f"{path.name}: {exc.args[0]} is missing") from exc


def _field(file: str, name: str, kind: Mapping[str, Any], shared: Mapping[str, Any]) -> FieldSpec:
    where = f"{file}: [field.{name}]"
    own, base = kind.get("field", {}).get(name, {}), shared.get(name, {})
    _refuse_unknown(where, own, _FIELD_KEYS)
    entry = {**base, **own}
    if "type" not in entry or "label" not in entry:
        raise ValueError(f"{where} is in fields.toml neither, and has no type and label of its own")
    fact = own.get("fact")
    labels = [*own.get("labels", ()), *base.get("labels", ())]
    labels += _labels_of(where, fact, named=bool(kind.get("labels_of_facts"))) if fact else []
    return FieldSpec(
        name=name,
        type=_type(where, entry["type"]),
        label=_languages(entry["label"]),
        labels=tuple(dict.fromkeys(labels)),
        fact=fact,
        check=_check(where, entry.get("check")),
        required=name in kind.get("required", ()),
        patterns=(*own.get("patterns", ()), *base.get("patterns", ())),
        shapes=(*own.get("shapes", ()), *base.get("shapes", ())),
    )


def _type(where: str, text: str) -> FieldType:
    try:
        return FieldType(text)
    except ValueError:
        raise ValueError(f"{where}: there is no type {text!r}; there are {', '.join(FieldType)}") from None


def _check(where: str, name: str | None) -> str | None:
    if name is not None and name != "mrz" and name not in CHECKS:
        raise ValueError(f"{where}: there is no check {name!r}; there are mrz, {', '.join(CHECKS)}")
    return name


def _check_patterns(kind: DocumentKind) -> None:
    for spec in kind.fields:
        for pattern in (*spec.patterns, *spec.shapes):
            try:
                re.compile(pattern)
            except re.error as exc:
                where = f"{kind.id}.toml: [field.{spec.name}]"
                raise ValueError(f"{where}: the pattern {pattern!r} is wrong: {exc}") from exc


def _labels_of(where: str, fact: str, *, named: bool) -> list[str]:
    """Labels and column names of the fact, where a form asks for it by them."""
    definition = load_catalogue().get(fact)
    if definition is None:
        raise ValueError(f"{where}: the catalogue has no fact {fact!r}")
    return [*definition.label.values(), *definition.aliases] if named else []


def _cues(file: str, lists: Mapping[str, Sequence[str]]) -> Mapping[str, float]:
    _refuse_unknown(f"{file}: [cues]", lists, frozenset(WEIGHTS))
    return {cue: weight for name, weight in reversed(list(WEIGHTS.items())) for cue in lists.get(name, ())}


def _languages(labels: Mapping[str, str]) -> Mapping[str, str]:
    for language in ("en", "zh"):
        if not labels.get(language):
            raise KeyError(f"a text in {language!r}")
    return labels


def _refuse_unknown(where: str, entry: Mapping[str, Any], keys: frozenset[str]) -> None:
    if unknown := sorted(set(entry) - keys):
        raise ValueError(f"{where} has unknown keys: {', '.join(unknown)}")


@cache
def kind_words() -> KindWords:
    """The words of all kinds as one index; takes some 0.15 s the first time."""
    return KindWords(load_kinds())


def load_words() -> None:
    """Make all that reading a page needs of the catalogue, ahead of the first."""
    _ = kind_words().label_words, kind_words().title_words


@cache
def load_scales(folder: Path = FOLDER) -> tuple[Scale, tuple[tuple[float, float], ...]]:
    """How sure evidence makes of a kind, and scores of fields (``reading_scale.toml``).

    Raises ``ValueError`` where the file is wrong.
    """
    entry = _read(folder / "reading_scale.toml")
    try:
        curve = tuple((float(score), float(share)) for score, share in entry["fields"]["curve"])
        scale = Scale(**{name: float(value) for name, value in entry["kinds"].items()})
    except (KeyError, TypeError, ValueError) as exc:
        raise ValueError(f"reading_scale.toml: {exc}") from exc
    if list(curve) != sorted(curve) or any(a[1] > b[1] for a, b in pairwise(curve)):
        raise ValueError("reading_scale.toml: [fields] curve must rise")
    return scale, curve
