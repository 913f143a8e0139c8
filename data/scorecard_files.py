"""Scorecard files: those that ship and those a lender gives, read and checked before anything is scored with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from app.domain.facts import Catalogue
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import check_catalogue, read_scorecard
from app.errors import InputError

SHIPPED = Path(__file__).parent / "scorecards"
MAX_BYTES = 4 * 1024 * 1024
_REMEDY = "Mend the scorecard file, or make it again with the fitting script; docs/scorecard.md gives the format."


def scorecard_names(folder: Path = SHIPPED) -> list[str]:
    """Names of the scorecards of a folder, in order: the file names without ``.json``."""
    return sorted(path.stem for path in folder.glob("*.json"))


def open_scorecard(name: str | Path, *, folders: Sequence[Path] = (SHIPPED,)) -> Scorecard:
    """Read a scorecard, whose characteristics may be columns of any table, by its path or its name in ``folders``.

    Raises ``InputError`` with file and place when it cannot be read or does not follow the format.
    """
    path = _path_of(name, folders)
    return read_scorecard(_document(path), str(path))


def load_scorecard(
    name: str | Path, catalogue: Catalogue, *, reason_codes: Mapping[str, Any] | None = None, folder: Path = SHIPPED
) -> Scorecard:
    """Read a scorecard by its name in ``folder``, or by the path of a ``.json`` file.

    Raises ``InputError`` with file and place when it cannot be read, does not follow the format, names a fact the
    catalogue does not know or a prohibited basis, or (with ``reason_codes``) a reason code nobody can explain.
    """
    path = _path_of(name, (folder,))
    card = read_scorecard(_document(path), str(path))
    check_catalogue(card, catalogue, str(path))
    for position, row in enumerate(card.characteristics):
        if reason_codes is not None and row.reason_code not in reason_codes:
            place = f"characteristics[{position}].reason_code"
            _refuse(path, place, f"{place}: {row.reason_code} is no known reason code.")
    return card


def scorecard_from_json(document: Mapping[str, Any], catalogue: Catalogue) -> Scorecard:
    """The scorecard of a document already in memory, checked as one from a file."""
    card = read_scorecard(document)
    check_catalogue(card, catalogue)
    return card


def _path_of(name: str | Path, folders: Sequence[Path]) -> Path:
    if isinstance(name, Path) or str(name).endswith(".json"):
        return Path(name)
    for folder in folders:
        if name in scorecard_names(folder):
            return folder / f"{name}.json"
    known = ", ".join(name for folder in folders for name in scorecard_names(folder)) or "none"
    raise InputError(
        "scorecard", f"There is no scorecard {name}.", remedy=f"Known: {known}. Or give the path of a .json file."
    )


def _document(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        document: Any = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as exc:
        raise InputError(
            "scorecard",
            f"The scorecard is no JSON: {exc.msg}.",
            remedy=_REMEDY,
            file=str(path),
            line=exc.lineno,
            column=str(exc.colno),
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise InputError("scorecard", f"The scorecard cannot be read: {exc}", remedy=_REMEDY, file=str(path)) from exc
    if not isinstance(document, dict):
        _refuse(path, "scorecard", "The scorecard is no JSON object.")
    return dict(document)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            _refuse(path, "scorecard", f"The file is larger than {MAX_BYTES // 1024 // 1024} MB; no scorecard is.")
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        reason = exc.strerror or "unknown reason"
        raise InputError(
            "scorecard", f"The scorecard cannot be read: {reason}.", remedy="Check the path.", file=str(path)
        ) from exc
    except UnicodeDecodeError as exc:
        raise InputError(
            "scorecard", f"The scorecard is no UTF-8 text (byte {exc.start}).", remedy=_REMEDY, file=str(path)
        ) from exc


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'"{next(key for key in keys if keys.count(key) > 1)}" stands twice in one object.')
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number.")


def _refuse(path: Path, field: str, message: str) -> NoReturn:
    raise InputError(field, message, remedy=_REMEDY, file=str(path))
