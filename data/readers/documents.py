"""One file of any kind, read into a ``ReadResult`` in its JSON form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.document_kinds import UNKNOWN
from app.domain.reading import WAITS, Problem, ReadResult, Scanned
from app.errors import InputError
from data.readers.csv_statements import entries_of, layout_of, read_csv_statement
from data.readers.detect import Form, form_of_file
from data.readers.feeds import read_ofx, read_xml
from data.readers.forms import is_bureau, is_chinese, is_form, read_bureau, read_form
from data.readers.json_tables import is_lines, parse_json
from data.readers.layouts.seen import PutOff
from data.readers.statements import Statement, check_balances, describe, details_of, looks_like_mt940, note_of
from data.readers.text import cells_of, dialect_of, form_of, numbered_lines
from data.readers.workbooks import as_statement, is_application_table, sheets_of
from data.transaction_rules import load_rules

if TYPE_CHECKING:
    from app.domain.layout import Layout
    from data.readers.handover import Tick

_TABLE_NAMES = {".csv", ".tsv"}
_UNSURE = 0.6  # probability of another kind below which balances that add up say more
_LEAST_PROVING, _LEAST_AGAINST = 3, 10  # entries whose balances add up; the second against a kind that seems sure
_ALSO_WITH_BALANCES = ("loan_statement", "housing_fund", "social_insurance", "payslip", "credit_report")
_PROVEN = 0.95
_LARGEST_TYPED = 2 * 2**20  # bytes of a statement as plain text
_LARGEST_TRANSCRIPT = 16 * 2**20  # bytes


def read_document(path: Path, tick: Tick) -> dict[str, Any]:
    """Tell the kind by the content and read what it holds; tables of applications are told only, see ``tables``.

    Within ``seeing(put_off)`` a document that would take long is told only, and waits. Raises ``InputError`` for the
    whole file.
    """
    form = form_of_file(path)
    tick(0, None, form.name)
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_sha256, path)
        try:
            parts = _READERS[form.name](path, form, tick)
        except PutOff as later:
            parts = {"kind": UNKNOWN, "pages": later.pages, "extra": {WAITS: True}}
        media_type = parts.pop("media_type", form.media_type)
        return ReadResult(digest.result(), path.stat().st_size, media_type=media_type, **parts).to_json()


if TYPE_CHECKING:
    Read = Callable[[Path, Form, Tick], dict[str, Any]]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table(name: str) -> Read:
    def told(_: Path, __: Form, ___: Tick) -> dict[str, Any]:
        return {"kind": "table", "extra": {"form": name}}

    return told


def _statements(statements: list[Statement]) -> dict[str, Any]:
    checks = tuple(check for statement in statements for check in (check_balances(statement), *statement.checks))
    currencies = {statement.currency for statement in statements if statement.currency}
    rules, entries = load_rules(), entries_of(statements)
    return {
        "kind": "bank_statement",
        "details": details_of(statements),
        "transactions": tuple(replace(each, purpose=rules.purpose(each.text, each.amount)) for each in entries),
        "checks": checks,
        "problems": tuple(problem for statement in statements for problem in statement.problems),
        "note": note_of(statements, checks),
        "currency": next(iter(currencies)) if len(currencies) == 1 else None,
        "extra": describe(statements),
    }


def _ofx(path: Path, _: Form, __: Tick) -> dict[str, Any]:
    return _statements(read_ofx(path))


def _xml(path: Path, _: Form, __: Tick) -> dict[str, Any]:
    return _statements(read_xml(path))


def _json(path: Path, _: Form, __: Tick) -> dict[str, Any]:
    if is_lines(path):
        return {"kind": "table", "media_type": "application/x-ndjson", "extra": {"form": "json"}}
    value = parse_json(path)
    if is_bureau(value):
        return read_bureau(value)
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return {"kind": "table", "extra": {"form": "json"}}
    if is_form(value):
        return read_form(value)
    raise InputError(
        "file",
        "The JSON is neither an application form, nor a bureau report, nor a list of applications.",
        remedy="Name its fields as in the fact catalogue (docs/import.md).",
        file=path.name,
    )


def _mt940(path: Path) -> dict[str, Any] | None:
    """A SWIFT statement, told by its fields; None for other texts."""
    with path.open("rb") as file:
        if not looks_like_mt940(file.read(4096).decode("utf-8", "replace")):
            return None
    from data.readers.mt940_statements import read_mt940

    return {"media_type": "application/x-mt940"} | _statements(read_mt940(path))


def _text(path: Path, _: Form, __: Tick) -> dict[str, Any]:
    if (told := _heard(path) or _mt940(path)) is not None:
        return told
    form = form_of(path)
    if (layout := layout_of(path, form)) is not None:
        return {"media_type": "text/csv"} | _statements(read_csv_statement(path, form, layout))
    if (typed := _typed_statement(path, form.encoding, form.skip)) is not None:
        return typed
    dialect = dialect_of(path, form)
    if dialect is not None and len(dialect.header) > 1 and _is_table(path, dialect.delimiter):
        return {"kind": "table", "media_type": "text/csv", "extra": {"form": "csv"}}
    if path.suffix.lower() in _TABLE_NAMES and not _has_talk(path):
        return {"kind": "table", "media_type": "text/csv", "extra": {"form": "csv"}}
    return _transcript(path, form.encoding, form.skip)


def _has_talk(path: Path) -> bool:
    """Whether a line is a sentence, as in a transcript that was only named like a table."""
    lines = (text.strip() for _, text, _ in islice(numbered_lines(path, form_of(path)), 40))
    return any(": " in text or text.endswith((".", "?", "!", "。", "？", "！")) for text in lines)


def _is_table(path: Path, delimiter: str) -> bool:
    """Rows of one width, told from prose by the share of lines that divide alike."""
    lines = [text for _, text, _ in islice(numbered_lines(path, form_of(path)), 40) if text.strip()]
    rows = cells_of("\n".join(lines), delimiter)
    if len(rows) < 2:
        return len(rows) == 1 and len(rows[0]) > 3
    width = len(rows[0])
    alike = sum(len(row) == width for row in rows) / len(rows)
    return alike >= 0.5 and (delimiter not in ", " or not any(_spoken(cell) for cell in rows[0]))


def _spoken(cell: str) -> bool:
    """Whether a would-be heading is rather a piece of talk."""
    text = cell.strip()
    return len(text) > 60 or ": " in text or text.endswith((".", "?", "!", "。", "？", "！"))


def _audio(path: Path, form: Form, tick: Tick) -> dict[str, Any]:
    from data.readers.audio import read_audio

    return read_audio(path, form, tick)


def _heard(path: Path) -> dict[str, Any] | None:
    """A transcript that was made here of a recording; None for other texts."""
    from data.readers.audio_text import is_transcript, transcript_parts

    if path.stat().st_size > _LARGEST_TRANSCRIPT:
        return None
    with path.open("rb") as file:
        if not is_transcript(file.read(1024).decode("utf-8", "replace")):
            return None
        file.seek(0)
        return transcript_parts(file.read().decode("utf-8", "replace"))


def _transcript(path: Path, encoding: str, skip: int) -> dict[str, Any]:
    if path.stat().st_size > _LARGEST_TRANSCRIPT:
        text = f"A text of more than {_LARGEST_TRANSCRIPT // 2**20} MB is no transcript."
        raise InputError("file", text, remedy="Give the call it is about.", file=path.name)
    text = path.read_bytes()[skip:].decode(encoding, "replace")
    count = sum(bool(line.strip()) for line in text.splitlines())
    return {
        "kind": "call_transcript",
        "language": "zh" if is_chinese(text) else "en",
        "note": f"{count} {'line' if count == 1 else 'lines'}",
    }


def _laid_out(path: Path, form: Form, tick: Tick) -> dict[str, Any]:
    """A file with pages: their words first, then what these are."""
    from data.readers.layouts import layout_of
    from data.readers.tampering import fingerprint_of_file, signs_of

    layout = layout_of(path, form, tick)
    parts: dict[str, Any] = {"pages": layout.page_count, "problems": _unread(layout)}
    found = _documents_of(layout)
    if layout.page_count > len(layout.pages):
        found["note"] = f"{found['note']} · {len(layout.pages)} of {layout.page_count} pages read"
    found["problems"] = (*parts["problems"], *found.get("problems", ()))
    if layout.sheets:
        found["extra"] = {**found.get("extra", {}), "sheets": [sheet.to_json() for sheet in layout.sheets]}
    found["checks"] = (*found.get("checks", ()), *signs_of(path, form, layout))
    if form.name == "image" and (fingerprint := fingerprint_of_file(path)):
        found["extra"] = {**found.get("extra", {}), "fingerprint": fingerprint}
    return parts | found


def _documents_of(layout: Layout) -> dict[str, Any]:
    """What was read; of several documents scanned into one file the surest, with the list of all."""
    from data.readers.recognised import documents_in, read_layout

    parts = documents_in(layout)
    read = [_with_entries(part, read_layout(part)) for part in parts]
    if len(parts) == 1:
        return read[0]
    main = max(read, key=lambda found: (found["kind"] != UNKNOWN, found["kind_confidence"]))
    entries = [entry for found in read for entry in found.get("transactions", ())]
    pairs = zip(parts, read, strict=True)
    return main | {
        "documents": tuple(_scanned(part, found) for part, found in pairs),
        "transactions": tuple(replace(entry, row=at) for at, entry in enumerate(entries, start=1)),
        "checks": tuple(check for found in read for check in found.get("checks", ())),
        "problems": tuple(problem for found in read for problem in found.get("problems", ())),
        "note": f"{len(parts)} documents",
    }


def _scanned(layout: Layout, found: Mapping[str, Any]) -> Scanned:
    return Scanned(
        (layout.pages[0].number, layout.pages[-1].number),
        found["kind"],
        found["kind_confidence"],
        tuple(found.get("details", ())),
        tuple(found.get("fields", ())),
        found.get("currency"),
        found.get("extra", {}),
    )


def _with_entries(layout: Layout, found: dict[str, Any]) -> dict[str, Any]:
    """The entries of a bank statement; a page of no known kind is one where its balances prove its table."""
    known = found["kind"] == "bank_statement"
    if found["kind"] in _ALSO_WITH_BALANCES:
        return found
    from data.readers.statement_accounts import statements_in

    statements = statements_in(layout, found.get("details", ()))
    if not statements:
        return found
    parts = _statements(statements)
    sure = found["kind"] != "unknown" and found["kind_confidence"] >= _UNSURE
    if not known and not _proven(statements, _LEAST_AGAINST if sure else _LEAST_PROVING):
        return found
    parts["checks"] = (*found.get("checks", ()), *parts["checks"])
    parts["problems"] = (*found.get("problems", ()), *parts["problems"])
    parts["extra"] = {**found.get("extra", {}), **parts["extra"]}
    parts["details"] = found.get("details") if known else parts["details"]
    parts["currency"] = parts["currency"] or found.get("currency")
    return found | parts | ({} if known else {"kind_confidence": _PROVEN, "alternatives": ()})


def _proven(statements: Sequence[Statement], least: int = _LEAST_PROVING) -> bool:
    """Whether balances add up over entries enough that no other table would."""
    return sum(len(each.entries) for each in statements if check_balances(each).passed is True) >= least


def _typed_statement(path: Path, encoding: str, skip: int) -> dict[str, Any] | None:
    """A statement as plain text with columns, proven by its balances; None for other texts."""
    if path.stat().st_size > _LARGEST_TYPED:
        return None
    from data.readers.statement_accounts import statements_in
    from data.readers.statement_headings import text_layout

    statements = statements_in(text_layout(path.read_bytes()[skip:].decode(encoding, "replace")))
    return _statements(statements) if statements and _proven(statements) else None


def _unread(layout: Layout) -> tuple[Problem, ...]:
    remedy = "Look at the page in the original, and ask for it again if it matters."
    return tuple(Problem(None, f"page {page}", why, remedy) for page, why in layout.unread)


def _set_text(path: Path, form: Form, _: Tick) -> dict[str, Any]:
    """HTML, and workbooks that are no tables of applications."""
    from data.readers.containers import html_text
    from data.readers.layouts.office import rows_layout, text_layout

    if form.name == "html":
        return _of_layout(text_layout(html_text(_decoded(path))))
    return _of_layout(rows_layout(sheets_of(path)))


def _decoded(path: Path) -> str:
    if path.stat().st_size > _LARGEST_TRANSCRIPT:
        text = f"A page of more than {_LARGEST_TRANSCRIPT // 2**20} MB is not read."
        raise InputError("file", text, remedy="Print it to PDF and import that.", file=path.name)
    form = form_of(path)
    return path.read_bytes()[form.skip :].decode(form.encoding, "replace")


def _workbook(path: Path, form: Form, tick: Tick) -> dict[str, Any]:
    """A statement, a table of applications (XLSX alone), or a document that someone wrote in cells."""
    sheets = sheets_of(path)
    statement = as_statement(sheets)
    if statement is not None:
        return _statements(statement)
    if form.name == "xlsx" and is_application_table(sheets):
        return {"kind": "table", "extra": {"form": "xlsx"}}
    return _set_text(path, form, tick)


def _word(path: Path, form: Form, tick: Tick) -> dict[str, Any]:
    from data.readers.layouts.office import docx_layout, outward_references

    found = _of_layout(docx_layout(path, tick))
    outward = outward_references(path)
    if not outward:
        return found
    what = ", ".join(sorted(set(outward))[:5])
    reason = f"The Word file refers to {len(outward)} things outside itself ({what}); nothing was fetched."
    problem = Problem(None, "references", reason, "Ask for it as PDF, as its sender saw it.")
    return found | {"problems": (*found.get("problems", ()), problem)}


def _container(path: Path, form: Form, _: Tick) -> dict[str, Any]:
    """A mail or an archive; ``extra["parts"]`` lists its documents, which the parent asks for one by one."""
    from data.readers.containers import mail_text, parts_of
    from data.readers.layouts.office import text_layout

    parts, left_out = parts_of(path, form.name)
    found: dict[str, Any] = {"kind": "archive"}
    if form.name == "mail":
        found = _of_layout(text_layout(mail_text(path)))
    remedy = "Unpack it and import it by itself."
    problems = (*found.get("problems", ()), *(Problem(None, name, why, remedy) for name, why in left_out))
    listed = [{"name": part.name, "at": part.at, "size": part.size} for part in parts]
    note = f"{len(parts)} {'document' if len(parts) == 1 else 'documents'} inside"
    extra = {**found.get("extra", {}), "parts": listed}
    return found | {"problems": problems, "extra": extra, "note": " · ".join(filter(None, (found.get("note"), note)))}


def _of_layout(layout: Layout) -> dict[str, Any]:
    from data.readers.recognised import read_layout

    found = _with_entries(layout, read_layout(layout))
    found["problems"] = (*_unread(layout), *found.get("problems", ()))
    if layout.sheets:
        found["extra"] = {**found.get("extra", {}), "sheets": [sheet.to_json() for sheet in layout.sheets]}
    return {"pages": layout.page_count} | found


_READERS: dict[str, Read] = {
    "audio": _audio,
    "docx": _word,
    "html": _set_text,
    "mail": _container,
    "zip": _container,
    "ods": _workbook,
    "xls": _workbook,
    "pdf": _laid_out,
    "image": _laid_out,
    "ofx": _ofx,
    "xml": _xml,
    "json": _json,
    "text": _text,
    "xlsx": _workbook,
    "parquet": _table("parquet"),
}
