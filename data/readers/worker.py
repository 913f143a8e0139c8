"""Inside the child process: takes tasks over a pipe as JSON, answers in JSON, touches no database of a workspace."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from app.domain.facts import Catalogue
    from app.domain.mapping import TableMapping
    from data.readers.handover import Destination, Tick

_REPORT_EVERY = 0.1  # seconds
_IDLE = 0.02  # seconds without a task after the start


def serve(pipe: Connection, memory: int) -> None:
    """Answer tasks until the parent closes the pipe or ends."""
    _end_with_parent()
    _limit_memory(memory)
    _refuse_network()
    if not pipe.poll(_IDLE):
        _warm_up()
    while True:
        try:
            request = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        answer = _answer(request["task"], request["arguments"], _reporter(pipe))
        pipe.send_bytes(json.dumps(answer).encode())
        if "memory" in answer:
            return


def _warm_up() -> None:
    """Load, while nobody waits, what a table takes longest to load. Without it the first table does."""
    with suppress(ImportError):
        import duckdb  # noqa: F401
        import numpy as np  # noqa: F401

        import data.readers.tables  # noqa: F401


def _answer(task: str, arguments: Mapping[str, Any], tick: Tick) -> dict[str, Any]:
    try:
        return {"result": TASKS[task](arguments, tick)}
    except InputError as exc:
        fields = ("field", "message", "remedy", "file", "line", "column")
        return {"input_error": {name: getattr(exc, name) for name in fields}}
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
    """No socket may be opened from Python in this process; DuckDB's remote file systems are switched off beside it."""

    def audit(event: str, _: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError("a reader has no network")

    sys.addaudithook(audit)


def _profile(arguments: Mapping[str, Any], _: Tick) -> Any:
    from data.readers.tables import profile_table

    found = profile_table(Path(arguments["path"]), arguments["form"])
    return {
        "header": found.header,
        "samples": found.samples,
        "delimiter": found.delimiter,
        "encoding": found.encoding,
    }


def _table(arguments: Mapping[str, Any], tick: Tick) -> Any:
    from data.readers.tables import read_table

    mapping, catalogue, out = _destined(arguments)
    return asdict(read_table(Path(arguments["path"]), arguments["form"], mapping, catalogue, out, tick))


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


def _read(arguments: Mapping[str, Any], tick: Tick) -> Any:
    from data.readers.documents import read_document

    return read_document(Path(arguments["path"]), tick)


TASKS: dict[str, Callable[[Mapping[str, Any], Tick], Any]] = {
    "profile": _profile,
    "table": _table,
    "rows": _rows,
    "read": _read,
}
