"""Import files and folders: tables become a case a row, a folder or loose documents one case."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.domain.changes import Changes
from app.domain.importing import ImportResult
from app.domain.mapping import TableMapping
from app.domain.reading import ReadResult
from app.errors import InputError
from app.ports import Clock, Progress, Readers, Reject, Workspace, no_progress
from app.usecases.import_case import ImportCase, ReadFile, import_case
from app.usecases.import_table import ImportTable, import_table
from app.usecases.repair_rejects import RepairRejects, export_rejects, repair_rejects

__all__ = ["ImportFiles", "ImportResult", "RepairRejects", "export_rejects", "import_files", "repair_rejects"]

ARCHIVE, TABLE = "archive", "table"
SPEECH = "speech"  # what a reader reports while it listens, in seconds of the recording
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """Paths a person gave; ``mapping`` is for the tables among them.

    With ``put_off`` documents that take long are kept and wait to be read (``read_waiting``).
    """

    paths: tuple[Path, ...]
    mapping: TableMapping | Path | None = None
    person: str = ""
    put_off: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    """Files that came together."""

    name: str | None  # of the folder; None: loose
    files: tuple[Path, ...]


def import_files(
    cmd: ImportFiles, workspace: Workspace, readers: Readers, *, clock: Clock, progress: Progress = no_progress
) -> ImportResult:
    """Import everything given, one transaction a case or table, and say what is new.

    A file that cannot be used is kept as a reject while the rest goes on. Raises ``InputError`` when a path does not
    exist, or when nothing at all could be used; ``Cancelled``, then what is in already stays whole and the rest is out.
    """
    tally = ImportResult()
    groups = _groups(cmd.paths, tally)
    total = sum(len(group.files) for group in groups)
    failures: list[tuple[Path, InputError]] = []
    done = used = 0
    for group in groups:
        read, failed = _read_all(group, readers, done, total, progress, put_off=cmd.put_off)
        done += len(group.files)
        failures += failed
        read = [_as_table(file) if _meant_as_table(file, cmd) else file for file in read]
        late = _import_tables(cmd, read, workspace, readers, tally, clock=clock, progress=progress)
        late += _import_documents(group, read, cmd.person, workspace, tally)
        failures += late
        used += len(read) - len(late)
    _keep(failures, used, cmd, workspace, tally)
    return tally


def _groups(paths: Sequence[Path], tally: ImportResult) -> list[_Group]:
    if not paths:
        raise InputError("paths", "No file or folder was given.", remedy="Give at least one.")
    groups: list[_Group] = []
    loose: dict[Path, None] = {}
    for path in paths:
        _check_exists(path)
        if path.is_dir():
            groups += _folder_groups(path, tally)
        else:
            loose[path] = None
    if loose:
        groups.append(_Group(None, tuple(loose)))
    return groups


def _check_exists(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as exc:
        raise InputError("paths", "There is no such file or folder.", remedy="Check the path.", file=str(path)) from exc
    except OSError as exc:
        text = f"The path cannot be opened: {exc.strerror}."
        raise InputError("paths", text, remedy="Check the path and your rights to it.", file=str(path)) from exc


def _folder_groups(folder: Path, tally: ImportResult) -> list[_Group]:
    """The folder as one case, or each of its folders as one when it holds only folders."""
    found = list(_case_folders(folder, tally))
    if not found:
        raise InputError(
            "paths", "The folder holds no files.", remedy="Give a folder with documents.", file=str(folder)
        )
    return found


def _case_folders(folder: Path, tally: ImportResult) -> Iterator[_Group]:
    entries = _entries(folder)
    if any(entry.is_file() and not _ignored(entry) for entry in entries):
        files = tuple(sorted(_files_below(folder, tally)))
        yield _Group(folder.resolve().name, files)
        return
    for entry in entries:
        if entry.is_symlink():
            tally.note(f"{entry.name}: a link to a folder is not followed.")
        elif entry.is_dir():
            yield from _case_folders(entry, tally)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as exc:
        text = f"The folder cannot be opened: {exc.strerror}."
        raise InputError("paths", text, remedy="Give yourself the right to read it.", file=str(folder)) from exc


def _files_below(folder: Path, tally: ImportResult) -> Iterator[Path]:
    def closed(exc: OSError) -> None:
        tally.note(f"{exc.filename}: the folder cannot be opened ({exc.strerror}); nothing of it was imported.")

    for parent, folders, names in os.walk(folder, onerror=closed, followlinks=False):
        for name in sorted(folders):
            if (Path(parent) / name).is_symlink():
                tally.note(f"{name}: a link to a folder is not followed.")
        for name in names:
            path = Path(parent) / name
            if not _ignored(path) and path.is_file():
                yield path
            else:
                tally.note(f"{name}: skipped, no document.")


def _ignored(path: Path) -> bool:
    name = path.name.casefold()
    return name in _IGNORED or name.startswith((".", "~$")) or name.endswith(".rejects.csv")


def _read_all(
    group: _Group, readers: Readers, done: int, total: int, progress: Progress, *, put_off: bool
) -> tuple[list[ReadFile], list[tuple[Path, InputError]]]:
    read: list[ReadFile] = []
    failed: list[tuple[Path, InputError]] = []
    for at, path in enumerate(group.files):

        def here(heard: int, of: int | None, what: str, at: int = at, path: Path = path) -> None:
            share = f" · {heard * 100 // of} %" if what == SPEECH and of else ""
            progress(done + at, total, f"{path.name}{share}")

        here(0, None, "")
        try:
            found = readers.read_file(path, put_off=put_off, progress=here)
            read += _documents_in(path, found, readers)
            failed += _not_taken(path, found)
        except InputError as exc:
            failed.append((path, exc))
    return read, failed


def _documents_in(path: Path, found: ReadResult, readers: Readers) -> Iterator[ReadFile]:
    """The file itself, unless it is an archive, and every document inside, each to be kept on its own."""
    if found.kind != ARCHIVE:
        yield ReadFile(path, found)
    yield from (each for each in _inside(path, found, readers) if each.found.kind != ARCHIVE)


def _inside(path: Path, found: ReadResult, readers: Readers) -> Iterator[ReadFile]:
    for part in found.parts:
        carried = part.found.extra.get("content")  # a transcript, made while its recording was read
        content = partial(readers.part_content, path, part.at) if carried is None else str(carried).encode
        yield ReadFile(path, part.found, part.name, content, part.at)
        yield from _inside(path, part.found, readers)


def _not_taken(path: Path, found: ReadResult) -> Iterator[tuple[Path, InputError]]:
    """What an archive holds that could not be read."""
    for part in found.parts:
        yield from _not_taken(path, part.found)
    if found.kind == ARCHIVE:
        for problem in found.problems:
            yield Path(problem.column or path.name), InputError("file", problem.reason, remedy=problem.remedy)
        if not found.parts and not found.problems:
            yield path, InputError("file", "The archive holds no documents.", remedy="Give one that does.")


def _import_tables(
    cmd: ImportFiles,
    read: Sequence[ReadFile],
    workspace: Workspace,
    readers: Readers,
    tally: ImportResult,
    *,
    clock: Clock,
    progress: Progress,
) -> list[tuple[Path, InputError]]:
    failed: list[tuple[Path, InputError]] = []
    for file in read:
        if file.found.kind != TABLE:
            continue
        table = ImportTable(file, cmd.mapping, cmd.person)
        try:
            import_table(table, workspace, readers, tally, clock=clock, progress=progress)
        except InputError as exc:
            failed.append((Path(file.name), exc))
    return failed


def _meant_as_table(file: ReadFile, cmd: ImportFiles) -> bool:
    """A text that is given alone with a mapping is a table, whatever it looks like."""
    given_alone = cmd.mapping is not None and len(cmd.paths) == 1 and cmd.paths[0] == file.path and not file.part
    return given_alone and file.found.media_type in ("text/csv", "text/plain")


def _as_table(file: ReadFile) -> ReadFile:
    found = file.found
    form = {"form": str(found.extra.get("form", "csv"))}
    return ReadFile(file.path, ReadResult(found.sha256, found.size, "table", "text/csv", extra=form))


def _import_documents(
    group: _Group, read: Sequence[ReadFile], person: str, workspace: Workspace, tally: ImportResult
) -> list[tuple[Path, InputError]]:
    documents = [file for file in read if file.found.kind != TABLE]
    if group.name is not None:
        if documents:
            import_case(ImportCase(group.name, tuple(documents), person), workspace, tally)
        return []
    cases, strays = _sorted_out(documents)
    for files in cases:
        import_case(ImportCase(_reference(files), files, person), workspace, tally)
    return strays


def _sorted_out(
    documents: Sequence[ReadFile],
) -> tuple[list[tuple[ReadFile, ...]], list[tuple[Path, InputError]]]:
    """Loose documents: each form a case with what bears its applicant's name; without or with one form one case."""
    forms = [file for file in documents if file.is_form]
    if len(forms) < 2:
        return ([tuple(documents)] if documents else []), []
    cases: dict[int, list[ReadFile]] = {at: [form] for at, form in enumerate(forms)}
    strays: list[tuple[Path, InputError]] = []
    for file in documents:
        if file in forms:
            continue
        owners = [at for at, form in enumerate(forms) if _names_of(form) & _names_of(file)]
        if len(owners) == 1:
            cases[owners[0]].append(file)
        else:
            text = "It cannot be told which of the application forms it belongs to."
            strays.append(
                (Path(file.name), InputError("file", text, remedy="Put each applicant's files into a folder."))
            )
    return [tuple(files) for files in cases.values()], strays


def _names_of(file: ReadFile) -> set[str]:
    papers = file.found.each
    stated = [str(reading.value) for paper in papers for reading in paper.fields if reading.name == "applicant.name"]
    others = [str(paper.extra.get(key) or "") for paper in papers for key in ("employee", "subject")]
    holders = [str(each.get("holder") or "") for paper in papers for each in paper.extra.get("statements", ())]
    return {" ".join(name.casefold().split()) for name in (*stated, *others, *holders) if name.strip()}


def _reference(files: Sequence[ReadFile]) -> str:
    form = next((file for file in files if file.is_form), files[0])
    return str(form.found.extra.get("reference") or form.path.stem)


def _keep(
    failures: Sequence[tuple[Path, InputError]], used: int, cmd: ImportFiles, workspace: Workspace, tally: ImportResult
) -> None:
    """Keep the files that could not be used; when nothing else came of the import, say so as its error."""
    if not failures:
        return
    if not used:
        raise _nothing_usable(failures)
    rejects = [
        Reject(0, path.name, path.name, exc.line, exc.column, exc.message, exc.remedy, "") for path, exc in failures
    ]
    with workspace.transaction() as stores:
        stores.rejects.add(rejects)
        for reject in rejects:
            detail = {"file": reject.file, "reason": reject.reason}
            stores.events.append(cmd.person, None, "file.rejected", detail)
    tally.rejects += rejects
    tally.rejected += len(rejects)
    tally.changes |= Changes.REJECTS
    for path, exc in failures:
        tally.note(f"{path.name}: {exc.message} {exc.remedy}".strip())


def _nothing_usable(failures: Sequence[tuple[Path, InputError]]) -> InputError:
    first = failures[0][1]
    if len(failures) > 1:
        first.message += f" ({len(failures)} files, none of which could be used.)"
        first.args = (first.message,)
    return first
