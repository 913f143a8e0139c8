"""The child process that owns llama.cpp: JSON lines in on stdin, JSON lines out on stdout.

In:  ``{"load": {"path", "context", "threads", "memory", "warm"}}`` first, then ``{"word": {...}, "id": n}`` and
``{"cancel": n}``. ``warm`` is a shared prefix to be evaluated before the first request comes.
Out: ``{"ready": {"runtime"}}``, then for each request ``{"id": n, "token": "..."}`` lines and one of
``{"id": n, "answer": {...}}`` or ``{"id": n, "error": "..."}``; a ``weigh`` in place of ``word`` gives
``{"id": n, "weights": [...]}``, none of them when it was cancelled. A failed load is ``{"fault": "..."}``.
A load with ``"meanings": true`` takes ``{"embed": [texts]}`` requests alone; the text of their answer is base64 of
little-endian 32-bit numbers.
It dies with its parent: the end of stdin ends it, whatever llama.cpp is doing. It reads no other file than the model.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_models.engine import Engine
    from local_models.meaning_engine import MeaningEngine

NICENESS = 5
Send = Callable[[Mapping[str, Any]], None]


def main() -> None:
    _step_back()
    send = _own_stdout()
    load = json.loads(sys.stdin.readline() or "null")
    if load is None:
        return
    engine = _load(load["load"], send)
    if engine is None:
        return
    requests: queue.Queue[Mapping[str, Any]] = queue.Queue()
    latest = _Latest()
    threading.Thread(target=_listen, args=(requests, engine, latest), daemon=True).start()
    if warm := load["load"].get("warm"):
        engine.warm(warm)
    while True:
        _serve(requests.get(), engine, latest, send)


class _Latest:
    """Id of the newest cancelled request, so that a cancel that comes before its request is not lost."""

    cancelled = 0


def _own_stdout() -> Send:
    """Keep the protocol's pipe for ourselves: whatever a library prints goes to stderr."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(message: Mapping[str, Any]) -> None:
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    return send


def _step_back() -> None:
    """Let the desk go first: decoding takes every core, and the window must stay quick."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no niceness
        os.nice(NICENESS)


def _cap_memory(limit: int) -> None:
    """Bound the address space, so that a runaway model meets its limit before the machine does."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _load(load: Mapping[str, Any], send: Send) -> Any:
    """An ``Engine``, or a ``MeaningEngine`` where meanings are asked for; null when it could not be loaded."""
    if load["memory"]:
        _cap_memory(load["memory"])
    try:
        from local_models.backends import at_work
        from local_models.engine import Engine, EngineError
        from local_models.meaning_engine import MeaningEngine
    except (ImportError, OSError, RuntimeError) as exc:
        send({"fault": f"llama.cpp is not usable here: {exc}"})
        return None
    engine: Engine | MeaningEngine | None = None
    why = ""
    for layers in dict.fromkeys((load.get("gpu_layers", 0), 0)):  # without the graphics processor where it fails
        try:
            how = {
                "context": load["context"],
                "threads": load["threads"],
                "gpu_layers": layers,
                "backends": [Path(folder) for folder in load.get("backends", ())],
            }
            if load.get("meanings"):
                engine = MeaningEngine(Path(load["path"]), **how)
            else:
                engine = Engine(
                    Path(load["path"]), adapter=Path(load["adapter"]) if load.get("adapter") else None, **how
                )
            break
        except (EngineError, MemoryError) as exc:
            why = str(exc) or "There is not enough memory to load the model."
    if engine is None:
        send({"fault": why})
        return None
    send({"ready": {"runtime": at_work(layers)}})
    return engine


def _listen(requests: queue.Queue[Mapping[str, Any]], engine: Engine | MeaningEngine, latest: _Latest) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "cancel" in message:
            latest.cancelled = max(latest.cancelled, message["cancel"])
            engine.cancelled.set()
        else:
            requests.put(message)
    os._exit(0)  # the parent is gone, or wants us gone


def _serve(message: Mapping[str, Any], engine: Any, latest: _Latest, send: Send) -> None:
    from local_models.engine import EngineError, Request

    number = message["id"]
    engine.cancelled.clear()
    if latest.cancelled >= number:
        engine.cancelled.set()
    if "embed" in message:
        _embed(message, engine, send)
        return
    if "weigh" in message:
        _weigh(message, engine, send)
        return
    if "together" in message:
        _together(message, engine, send)
        return
    try:
        answer = engine.word(Request(**message["word"]), lambda piece: send({"id": number, "token": piece}))
    except (EngineError, MemoryError) as exc:
        send({"id": number, "error": str(exc) or "There is not enough memory for the request."})
    else:
        send({"id": number, "answer": asdict(answer)})


def _together(message: Mapping[str, Any], engine: Engine, send: Send) -> None:
    from local_models.engine import EngineError, Request

    number = message["id"]
    try:
        engine.word_together(
            [Request(**each) for each in message["together"]],
            lambda place, piece: send({"id": number, "place": place, "token": piece}),
            lambda place, answer: send({"id": number, "place": place, "part": asdict(answer)}),
        )
    except (EngineError, MemoryError) as exc:
        send({"id": number, "error": str(exc) or "There is not enough memory for the request."})
    else:
        send({"id": number, "answer": {"stopped": "cancelled" if engine.cancelled.is_set() else "stop"}})


def _weigh(message: Mapping[str, Any], engine: Engine, send: Send) -> None:
    from local_models.engine import EngineError

    try:
        weights = engine.weigh(**message["weigh"])
    except (EngineError, MemoryError) as exc:
        send({"id": message["id"], "error": str(exc) or "There is not enough memory for the request."})
    else:
        send({"id": message["id"], "weights": weights})


def _embed(message: Mapping[str, Any], engine: MeaningEngine, send: Send) -> None:
    from local_models.engine import EngineError

    try:
        told = engine.meanings(message["embed"])
    except (EngineError, MemoryError) as exc:
        send({"id": message["id"], "error": str(exc) or "There is not enough memory for the request."})
        return
    text = "" if told is None else base64.b64encode(told.astype("<f4").tobytes()).decode()
    send({"id": message["id"], "answer": {"text": text, "stopped": "cancelled" if told is None else "stop"}})


if __name__ == "__main__":
    main()
