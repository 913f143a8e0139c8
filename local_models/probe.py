"""The child process that touches drivers and loads a model on trial: what fails there costs the desk nothing.

In: one JSON line. ``{"look": {"backends": [...]}}`` asks what the runtime sees, with the packages in these folders;
``{"try": {"path", "context", "threads": [...], "gpu_layers", "backends": [...]}}`` loads a model and times it with each
number of threads. Out: one JSON object.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_models.backends import ggml, runtime, start

_TEXT = "The applicant asks for a loan, and the statements of the last months show what comes in and what goes out. "
_DECODED = 24  # tokens timed


def main() -> None:
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = json.loads(sys.stdin.readline())
    try:
        answer = look(asked["look"]) if "look" in asked else attempt(asked["try"])
    except Exception as exc:  # noqa: BLE001 (drivers fail in ways of their own; all of them are said)
        answer = {"problem": f"{type(exc).__name__}: {exc}"}
    out.write(json.dumps(answer))
    out.flush()


def look(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Devices, backends, instruction sets and version of the runtime, and the packages found."""
    import llama_cpp.llama_cpp as llama

    started = start(_folders(asked))
    said = llama.llama_print_system_info().decode()
    sets = [part.split("=")[0].split(":")[-1].strip() for part in said.split("|") if part.strip().endswith("= 1")]
    return {
        "instruction_sets": list(dict.fromkeys(sets)),
        "devices": [_device(device) for device in ggml().devices()],
        "runtime": runtime(),
        "variant": started.variant,
        "packages": [package.to_json() for package in started.packages],
    }


def _folders(asked: Mapping[str, Any]) -> list[Path]:
    return [Path(folder) for folder in asked.get("backends", ())]


def _device(device: int) -> dict[str, Any]:
    """Name, description, kind, memory and free memory in bytes."""
    known, free, whole = ggml(), ctypes.c_size_t(), ctypes.c_size_t()
    known.memory(device, ctypes.byref(free), ctypes.byref(whole))
    return {
        "backend": known.name(device).decode("utf-8", "replace"),
        "name": known.description(device).decode("utf-8", "replace"),
        "gpu": known.is_gpu(device),
        "memory": whole.value,
        "free": free.value,
    }


def attempt(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Load as asked; tokens a second with each number of threads, and the memory taken at the most."""
    from local_models.engine import Engine

    rates = {}
    for threads in asked["threads"]:
        engine = Engine(
            Path(asked["path"]),
            context=asked["context"],
            threads=threads,
            gpu_layers=asked["gpu_layers"],
            backends=_folders(asked),
        )
        rates[str(threads)] = _rate(engine)
        engine.close()
    return {"rates": rates, "memory": _peak()}


def _peak() -> int:
    """Bytes of memory this process held at the most; ``ru_maxrss`` of Linux counts what the parent held too."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _rate(engine: Any) -> float:
    """Tokens decoded a second, after a prompt."""
    tokens = engine.tokenize(_TEXT * 4)
    engine.evaluate(tokens)
    start = time.perf_counter()
    for token in tokens[:_DECODED]:
        engine.evaluate([token])
    return round(min(_DECODED, len(tokens)) / (time.perf_counter() - start), 2)


if __name__ == "__main__":
    main()
