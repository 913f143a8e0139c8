"""``import``, ``mapping``, ``rejects``, ``read``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.bootstrap import Desk, kind_labels, make_readers
from app.cli.output import emit, terminal_progress
from app.cli.session import open_desk
from app.domain.importing import ImportResult
from app.errors import InputError
from app.ports import Progress
from app.usecases.read_waiting import DocumentRead


def import_(given: Namespace) -> None:
    """Import files and folders, or go on with what waits to be read; rejected rows are written beside the table."""
    with open_desk(given) as desk:
        progress = terminal_progress()
        result = _resumed(desk, progress) if given.resume else desk.import_files(given.paths, given.mapping, progress)
        if waiting := desk.reading.count():
            result.note(f"Documents that wait to be read: {waiting}. 'caseworth import --resume' reads them.")
        rejects_file = _write_rejects(desk, result, given) if result.rejected else None
    data = result.to_json() | {"rejects_file": None if rejects_file is None else str(rejects_file)}
    lines = [
        f"{result.cases:,} new cases, {result.documents:,} new documents",
        f"{result.rows:,} rows, {result.rejected:,} rejected",
    ]
    if rejects_file:
        lines.append(f"rejected rows: {rejects_file}")
    lines += [f"note: {note}" for note in data.get("notes", [])]
    emit(given, data, lines)


def _resumed(desk: Desk, progress: Progress) -> ImportResult:
    """Read what waits; counted are the documents that were read."""
    whole = ImportResult()

    def done(read: DocumentRead) -> None:
        whole.documents += read.result.documents
        whole.rejected += read.result.rejected
        whole.rejects += read.result.rejects
        whole.case_ids += [case_id for case_id in read.result.case_ids if case_id not in whole.case_ids]
        for note in read.result.notes:
            whole.note(note)

    desk.reading.read_all(progress, done=done)
    return whole


def _write_rejects(desk: Desk, result: ImportResult, given: Namespace) -> Path:
    if not given.paths:
        return desk.export_rejects(given.rejects or Path.cwd() / "reading.rejects.csv", result.rejects)
    beside = given.paths[0] if given.paths[0].is_file() else given.paths[0] / given.paths[0].name
    if given.rejects:
        return desk.export_rejects(given.rejects, result.rejects)
    name = f"{beside.name}.rejects.csv"
    try:
        return desk.export_rejects(beside.with_name(name), result.rejects)
    except InputError:
        return desk.export_rejects(Path.cwd() / name, result.rejects)


def mapping(given: Namespace) -> None:
    """Propose how the columns of a table become facts."""
    with open_desk(given) as desk:
        proposal = desk.propose_mapping(given.path)
    text = proposal.to_toml()
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    emit(given, proposal.to_json() | {"toml": text}, [f"written to {given.out}"] if given.out else [text])


def rejects(given: Namespace) -> None:
    """What did not go in, and the way back in."""
    with open_desk(given) as desk:
        if given.repair:
            result = desk.repair_rejects(given.repair, terminal_progress())
            emit(given, result.to_json(), [f"{result.rows:,} rows repaired, {result.rejected:,} still rejected"])
            return
        with desk.workspace.read() as stores:
            kept = stores.rejects.all()
        if given.export:
            desk.export_rejects(given.export, kept)
    rows = [
        {
            "id": r.id,
            "file": r.file,
            "line": r.line,
            "column": r.column,
            "reason": r.reason,
            "remedy": r.remedy,
            "raw": r.raw,
        }
        for r in kept
    ]
    lines = [f"{r.file}, line {r.line}, column {r.column}: {r.reason} {r.remedy}" for r in kept]
    emit(given, {"rejects": rows, "file": str(given.export) if given.export else None}, lines or ["No rejected row."])


def read(given: Namespace) -> None:
    """Read one document and say what is in it; stores nothing."""
    with make_readers(given.workspace, model=given.model) as readers:
        data = _public(readers.read_file(given.path, progress=terminal_progress()).to_json())
    emit(given, data, list(_in_words(data)) if not given.json else [])


def _public(data: dict[str, Any]) -> dict[str, Any]:
    """Boxes and confidences as numbers; null for the transactions of a document that has none."""
    documents = [one | {"fields": _fields(one["fields"])} for one in data.get("documents", ())]
    checks = [
        check | {"evidence": [mark | {"box": _numbers(mark["box"])} for mark in check["evidence"]]}
        for check in data["checks"]
    ]
    parts = [_public(part) for part in data["parts"]]
    data |= {"documents": documents} if documents else {}
    return data | {
        "fields": _fields(data["fields"]),
        "checks": checks,
        "transactions": data["transactions"] or None,
        "parts": parts,
    }


def _fields(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [field | {"box": _numbers(field["box"]), "confidence": float(field["confidence"])} for field in fields]


def _numbers(box: list[str] | None) -> list[float] | None:
    return None if box is None else [float(edge) for edge in box]


def _in_words(data: dict[str, Any]) -> Iterator[str]:
    labels = kind_labels()
    kind, names = labels.get(data["kind"], (data["kind"].replace("_", " ").capitalize(), {}))
    pages = data["pages"] or 1
    yield f"{kind} ({data['kind_confidence']:.0%} sure), {pages} {'page' if pages == 1 else 'pages'}"
    if data["alternatives"]:
        others = [f"{labels[each['kind']][0]} {each['confidence']:.0%}" for each in data["alternatives"]]
        yield f"  or: {', '.join(others)}"
    documents = data.get("documents", ())
    if not documents:
        yield from _field_lines(data, names)
    for one in documents:
        kind, names = labels.get(one["kind"], (one["kind"].capitalize(), {}))
        first, last = one["pages"]
        where = f"Page {first}" if first == last else f"Pages {first} to {last}"
        yield f"{where}: {kind} ({one['kind_confidence']:.0%} sure)"
        yield from _field_lines(one, names)
    if data["transactions"]:
        yield f"  {len(data['transactions'])} transactions"
    yield from (f"  {_spoken(line)}" for line in data["extra"].get("lines", ()))
    for check in data["checks"]:
        yield f"  {check['severity']}: {check['message']}"
    for problem in data["problems"]:
        yield f"  not read: {problem['reason']} {problem['remedy']}"
    for part in data["parts"]:
        yield f"{part['name']}:"
        yield from (f"  {line}" for line in _in_words(part))


def _spoken(line: dict[str, Any]) -> str:
    who = f"speaker {line['speaker']}: " if line["speaker"] else ""
    return f"{int(line['begin']) // 60}:{int(line['begin']) % 60:02} {who}{line['text']}"


def _field_lines(data: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    for field in data["fields"]:
        amount = " ".join(str(part) for part in (field["value"], field["currency"]) if part is not None)
        place = f", page {field['page']}" if field["page"] else ""
        yield f"  {names.get(field['name'], field['name'])}: {amount} ({field['confidence']:.0%}{place})"
