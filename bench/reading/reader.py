"""The reader as it runs in the desk, in its child process, with what recognition found kept for the next run.

Only pages are kept: kinds, fields and checks are found anew each time.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from app.domain.layout import Layout

LAYOUTS = Path(__file__).resolve().parents[2] / "data" / "readers" / "layouts"
_SECONDS = 600  # a file: a loaded machine is no reason to lose one


def recognition_version() -> str:
    """Changes with the code that turns files into pages of words."""
    digest = hashlib.sha256()
    for path in sorted(LAYOUTS.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class KeepingReader:
    """Reads files in a child; pages are kept under ``cache``, by version and SHA-256.

    ``any_version`` takes pages that older code has found, too: faster, and no measure of recognition.
    """

    def __init__(self, cache: Path, *, any_version: bool = False) -> None:
        import data.readers.process as process

        process.serve = partial(serve_keeping, str(cache), any_version)  # type: ignore[attr-defined]
        self._process = process.ReaderProcess(ahead=())

    def read(self, path: Path) -> dict[str, Any]:
        """The public JSON of a reading, with ``measured``: seconds, whether its pages were kept, peak of the child.

        A file that cannot be read gives the kind "unreadable" and why.
        """
        from app.errors import WorkbenchError
        from data.readers.process import ChildDied, ReaderBug

        began = time.perf_counter()
        try:
            result: dict[str, Any] = self._process.call(
                "read", {"path": str(path.resolve())}, seconds=_SECONDS, progress=lambda *_: None
            )
        except (WorkbenchError, ChildDied, ReaderBug) as exc:
            result = {"kind": "unreadable", "kind_confidence": 1.0, "fields": [], "transactions": [], "why": str(exc)}
        result["measured"] = {"seconds": time.perf_counter() - began, "peak_mb": self._peak()}
        return result

    def _peak(self) -> float:
        """Most resident memory the child has had, in MB; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0.0
        line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
        return int(line.split()[1]) / 1024

    def close(self) -> None:
        self._process.close()


def serve_keeping(cache: str, any_version: bool, pipe: Connection, memory: int, *rest: Any) -> None:
    """The child: the reader's own, but for where pages come from."""
    import data.readers.layouts as layouts
    from data.readers.worker import serve

    layouts.layout_of = keeping(layouts.layout_of, Path(cache), any_version=any_version)
    serve(pipe, memory, *rest)


def keeping(layout_of: Callable[..., Layout], cache: Path, *, any_version: bool = False) -> Callable[..., Layout]:
    """``layout_of`` that looks among the kept pages first, and keeps what it had to find."""
    from data.readers.layouts.store import layout_from_json, layout_to_json

    folder = cache / recognition_version()

    def kept(path: Path, *rest: object) -> Layout:
        name = f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"
        for place in [folder / name, *(_newest_first(cache, name) if any_version else [])]:
            if place.exists():
                try:
                    return layout_from_json(json.loads(place.read_text(encoding="utf-8"))["layout"])
                except (ValueError, KeyError):
                    continue
        began, worked = time.perf_counter(), time.process_time()
        layout = layout_of(path, *rest)
        cost = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - worked, "peak_mb": _most()}
        entry = {"layout": layout_to_json(layout), "pages": len(layout.pages)} | cost
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
        return layout

    return kept


def _newest_first(cache: Path, name: str) -> list[Path]:
    return sorted(cache.glob(f"*/{name}"), key=lambda place: place.stat().st_mtime, reverse=True)


def _most() -> float:
    """Most resident memory this process has had, in MB; 0 on systems that do not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def kept_cost(cache: Path, path: Path) -> dict[str, float] | None:
    """What finding the pages of a file took: pages, seconds, cpu_seconds, peak_mb. None where none are kept."""
    name = f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"
    for place in [cache / recognition_version() / name, *_newest_first(cache, name)]:
        if place.exists():
            entry = json.loads(place.read_text(encoding="utf-8"))
            return {
                what: float(entry[what]) for what in ("pages", "seconds", "cpu_seconds", "peak_mb") if what in entry
            }
    return None
