"""Inside the child process: takes tasks over a pipe as JSON, answers in JSON, touches no database of a workspace.

A task that needs the bytes of a document says ``{"wants": "content"}`` and gets them as one message; so it gets, for
``{"wants": "pages"}``, the pages that were recognised before. ``{"page": ...}`` tells one that was recognised just now.
An answer with ``"attached"`` is followed by one message of bytes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from app.domain.facts import Catalogue
    from app.domain.layout import Page
    from app.domain.mapping import TableMapping
    from data.readers.handover import Destination, Tick

TABLE_PARTS = ("duckdb", "numpy", "data.readers.tables", "data.kinds:load_words")  # what takes longest to load
_REPORT_EVERY = 0.1  # seconds
_IDLE = 0.02  # seconds without a task after the start

Task = Callable[[Mapping[str, Any], "Tick"], Any]


@dataclass(frozen=True, slots=True)
class Attached:
    """An answer with bytes beside its JSON value."""

    value: Mapping[str, Any]
    content: bytes | memoryview


def serve(
    pipe: Connection,
    memory: int,
    ahead: tuple[str, ...] = TABLE_PARTS,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Answer tasks until the parent closes the pipe or ends."""
    os.environ.update(environment)
    _end_with_parent()
    _limit_memory(memory)
    _refuse_network()
    if not pipe.poll(_IDLE):
        _warm_up(ahead)
    tick = _reporter(pipe)
    tasks = TASKS | showing_tasks(lambda: _wanted(pipe, "content")) | reading_tasks(pipe)
    while True:
        try:
            request = json.loads(pipe.recv_bytes())
            answer = _answer(request["task"], request["arguments"], tick, tasks)
            _send(pipe, answer)
        except (EOFError, OSError):
            return
        if "memory" in answer:
            return


def _send(pipe: Connection, answer: dict[str, Any]) -> None:
    content = answer.pop("attached", None)
    pipe.send_bytes(json.dumps(answer | ({"attached": True} if content is not None else {})).encode())
    if content is not None:
        pipe.send_bytes(content)


def _wanted(pipe: Connection, what: str) -> bytes:
    """Ask for the document of the task that runs, or for its pages."""
    pipe.send_bytes(json.dumps({"wants": what}).encode())
    return pipe.recv_bytes()


def _warm_up(ahead: tuple[str, ...]) -> None:
    """Load modules, and call what is named behind a colon, while nobody waits. Without it the first task does."""
    for name in ahead:
        module, _, called = name.partition(":")
        with suppress(ImportError):
            loaded = import_module(module)
            if called:
                getattr(loaded, called)()


def _answer(
    task: str, arguments: Mapping[str, Any], tick: Tick, tasks: Mapping[str, Task] | None = None
) -> dict[str, Any]:
    try:
        value = (TASKS if tasks is None else tasks)[task](arguments, tick)
        return {"result": value.value, "attached": value.content} if isinstance(value, Attached) else {"result": value}
    except InputError as exc:
        told = ("field", "message", "remedy", "file", "line", "column")
        return {"input_error": {name: getattr(exc, name) for name in told}}
    except EnvironmentFault as exc:
        return {"fault": exc.message, "remedy": exc.remedy}
    except MemoryError:
        return {"memory": True}
    except OSError as exc:
        return {"input_error": _os_error(exc, str(arguments.get("path", "")))}
    except Exception as exc:  # noqa: BLE001 - the edge of the process: nothing may pass it but JSON
        return _unexpected(exc)


def _unexpected(exc: Exception) -> dict[str, Any]:
    if _out_of_memory(exc):
        return {"memory": True}
    if any(word in str(exc).lower() for word in ("no space left", "disk full", "enospc")):
        return {
            "fault": "The disk is full; nothing of the import was stored.",
            "remedy": "Free some space and try again.",
        }
    return {"bug": "".join(traceback.format_tb(exc.__traceback__)), "kind": type(exc).__name__}


def _os_error(exc: OSError, path: str) -> dict[str, Any]:
    text = (
        "There is no right to read the file."
        if isinstance(exc, PermissionError)
        else f"The file cannot be read: {exc.strerror}."
    )
    remedy = "Give yourself the right to read it, or copy it to a folder of your own."
    return {"field": "file", "message": text, "remedy": remedy, "file": Path(path).name, "line": None, "column": None}


def _out_of_memory(exc: Exception) -> bool:
    return (
        type(exc).__name__ == "OutOfMemoryException"
        or "bad_alloc" in str(exc)
        or "failed to allocate" in str(exc).lower()
    )


def _reporter(pipe: Connection) -> Tick:
    last = 0.0
    lock = threading.Lock()

    def tick(done: int, total: int | None, what: str) -> None:
        nonlocal last
        with lock:
            if time.monotonic() - last >= _REPORT_EVERY:
                last = time.monotonic()
                pipe.send_bytes(json.dumps({"progress": [done, total, what]}).encode())

    return tick


def _limit_memory(memory: int) -> None:
    """Cap the address space at twice the resident memory the parent allows: allocators reserve more than they use."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # else numpy reserves buffers for every core
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (2 * memory, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold personal data


def _end_with_parent() -> None:
    """A killed desk leaves no reader behind, even one in the middle of a long statement."""
    import multiprocessing
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _refuse_network() -> None:
    """No socket may be opened from Python in this process; DuckDB's remote file systems are switched off beside it.

    Not even made: a library that comes with recognition tries at its import whether it could bind one.
    """
    import socket

    local = getattr(socket, "AF_UNIX", None)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        made = event == "socket.__new__" and arguments[1] != local
        if made or event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError("a reader has no network")

    sys.addaudithook(audit)


def _file(arguments: Mapping[str, Any]) -> Path:
    """The file, or the part of it that lies ``at`` a place, held in memory."""
    path = Path(arguments["path"])
    if not arguments.get("at"):
        return path
    from data.readers.containers import held_part

    return held_part(path, arguments["at"])


def _profile(arguments: Mapping[str, Any], _: Tick) -> Any:
    from data.readers.tables import profile_table

    found = profile_table(_file(arguments), arguments["form"])
    return {
        "header": found.header,
        "samples": found.samples,
        "delimiter": found.delimiter,
        "encoding": found.encoding,
    }


def _table(arguments: Mapping[str, Any], tick: Tick) -> Any:
    from data.readers.tables import read_table

    mapping, catalogue, out = _destined(arguments)
    return asdict(read_table(_file(arguments), arguments["form"], mapping, catalogue, out, tick))


def _rows(arguments: Mapping[str, Any], tick: Tick) -> Any:
    from data.readers.tables import read_rows

    mapping, catalogue, out = _destined(arguments)
    rows = [(line, raw) for line, raw in arguments["rows"]]
    return asdict(read_rows(rows, arguments["header"], arguments["delimiter"], mapping, catalogue, out, tick))


def _destined(arguments: Mapping[str, Any]) -> tuple[TableMapping, Catalogue, Destination]:
    from app.domain.mapping import mapping_from_json
    from data.catalogue import load_catalogue
    from data.readers.handover import Destination

    catalogue = load_catalogue()
    mapping = mapping_from_json(arguments["mapping"], catalogue)
    return mapping, catalogue, Destination(Path(arguments["out"]), arguments["key"], arguments["year"])


def _part(arguments: Mapping[str, Any], _: Tick) -> Attached:
    from data.readers.containers import part_content

    return Attached({}, part_content(Path(arguments["path"]), arguments["at"]))


def _outcomes(arguments: Mapping[str, Any], tick: Tick) -> Any:
    from app.domain.outcomes import OutcomeReading
    from data.readers.outcome_tables import read_outcomes

    reading = OutcomeReading.from_json(arguments["reading"])
    return read_outcomes(Path(arguments["path"]), reading, Path(arguments["out"]), arguments["key"], tick)


TASKS: dict[str, Task] = {
    "outcomes": _outcomes,
    "part": _part,
    "profile": _profile,
    "table": _table,
    "rows": _rows,
}


def reading_tasks(pipe: Connection) -> dict[str, Task]:
    """Tasks that read a document, page by page where it must be recognised."""

    def tell(page: Page) -> None:
        from data.readers.layouts.store import page_to_json

        pipe.send_bytes(json.dumps({"page": page_to_json(page)}).encode())

    def read(arguments: Mapping[str, Any], tick: Tick) -> Any:
        from data.readers.documents import read_document
        from data.readers.layouts.seen import Seeing, seeing

        with seeing(Seeing(tell=tell, put_off=arguments.get("put_off", False))):
            return read_document(_file(arguments), tick)

    def read_content(arguments: Mapping[str, Any], tick: Tick) -> Any:
        from data.readers.documents import read_document
        from data.readers.held_file import HeldFile
        from data.readers.layouts.seen import Seeing, seeing
        from data.readers.layouts.store import page_from_json
        from data.readers.recognised import given_kind

        file = HeldFile.of(_wanted(pipe, "content"), arguments["name"])
        known = map(page_from_json, json.loads(_wanted(pipe, "pages")))
        with given_kind(arguments["kind"]), seeing(Seeing({page.number: page for page in known}, tell)):
            return read_document(file, tick)

    return {"read": read, "read_content": read_content}


def showing_tasks(wanted: Callable[[], bytes]) -> dict[str, Task]:
    """Tasks that show a document; ``wanted`` gets its bytes when it is not held from before."""
    from data.readers.shelf import Shelf

    shelf = Shelf(wanted)

    def draw(arguments: Mapping[str, Any], _: Tick) -> Attached:
        from app.domain.layout import Sheet
        from data.readers.drawing import open_drawing

        drawing = shelf.opened("draw", arguments["sha256"], open_drawing)
        sheet = Sheet.from_json(told) if (told := arguments.get("sheet")) else None
        drawn = drawing.draw(arguments["page"], arguments["width"], sheet)
        value = {each.name: getattr(drawn, each.name) for each in fields(drawn) if each.name != "pixels"}
        return Attached(value, drawn.pixels)

    def first(arguments: Mapping[str, Any], _: Tick) -> Attached:
        from app.domain.layout import Sheet
        from data.readers.drawing import as_jpeg, open_drawing

        sheet = Sheet.from_json(told) if (told := arguments["sheet"]) else None
        drawing = open_drawing(wanted())
        try:
            drawn = drawing.draw(1, arguments["width"], sheet)
            return Attached({"width": drawn.width, "height": drawn.height, "pages": drawn.pages}, as_jpeg(drawn))
        finally:
            drawing.close()

    def excerpt(arguments: Mapping[str, Any], tick: Tick) -> Any:
        from data.readers.excerpts import open_table

        return asdict(shelf.opened("table", arguments["sha256"], open_table).around(arguments["row"], tick))

    def lines(arguments: Mapping[str, Any], _: Tick) -> Any:
        from data.readers.shown_text import ShownText

        return asdict(shelf.opened("text", arguments["sha256"], ShownText).lines(arguments))

    def words(arguments: Mapping[str, Any], _: Tick) -> Any:
        from data.readers.layouts.store import page_to_json
        from data.readers.page_words import open_words

        return page_to_json(shelf.opened("words", arguments["sha256"], open_words).page(arguments["page"]))

    return {"draw": draw, "first": first, "excerpt": excerpt, "lines": lines, "words": words}
