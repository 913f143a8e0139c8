"""The child process that touches drivers and loads a model on trial: what fails there costs the desk nothing.

In: one JSON line. ``{"look": true}`` asks what the runtime sees; ``{"try": {"path", "context", "threads": [...],
"gpu_layers"}}`` loads a model and times it with each number of threads. Out: one JSON object.
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

_CPU, _GPUS = 0, (1, 2)  # ggml_backend_dev_type: CPU; GPU, GPU that shares the memory
_TEXT = "The applicant asks for a loan, and the statements of the last months show what comes in and what goes out. "
_DECODED = 24  # tokens timed


def main() -> None:
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = json.loads(sys.stdin.readline())
    try:
        answer = look() if "look" in asked else attempt(asked["try"])
    except Exception as exc:  # noqa: BLE001 (drivers fail in ways of their own; all of them are said)
        answer = {"problem": f"{type(exc).__name__}: {exc}"}
    out.write(json.dumps(answer))
    out.flush()


def look() -> dict[str, Any]:
    """Devices, backends, instruction sets and version of the runtime."""
    import llama_cpp
    import llama_cpp.llama_cpp as llama

    said = llama.llama_print_system_info().decode()
    sets = [part.split("=")[0].split(":")[-1].strip() for part in said.split("|") if part.strip().endswith("= 1")]
    devices = _devices(Path(llama_cpp.__file__).parent / "lib")
    return {"instruction_sets": sets, "devices": devices, "runtime": f"llama-cpp-python {llama_cpp.__version__}"}


def _devices(folder: Path) -> list[dict[str, Any]]:
    """As ggml lists them: name, description, type, memory and free memory in bytes."""
    from llama_cpp._ctypes_extensions import load_shared_library

    base, ggml = load_shared_library("ggml-base", folder), load_shared_library("ggml", folder)
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype, ggml.ggml_backend_dev_get.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    for name in ("name", "description"):
        asked = getattr(base, f"ggml_backend_dev_{name}")
        asked.restype, asked.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    base.ggml_backend_dev_type.restype, base.ggml_backend_dev_type.argtypes = ctypes.c_int, [ctypes.c_void_p]
    number = ctypes.POINTER(ctypes.c_size_t)
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, number, number]
    return [_device(base, ggml.ggml_backend_dev_get(at)) for at in range(ggml.ggml_backend_dev_count())]


def _device(base: Any, device: int) -> dict[str, Any]:
    free, whole = ctypes.c_size_t(), ctypes.c_size_t()
    base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(whole))
    return {
        "backend": base.ggml_backend_dev_name(device).decode("utf-8", "replace"),
        "name": base.ggml_backend_dev_description(device).decode("utf-8", "replace"),
        "gpu": base.ggml_backend_dev_type(device) in _GPUS,
        "memory": whole.value,
        "free": free.value,
    }


def attempt(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Load as asked; tokens a second with each number of threads, and the memory taken at the most."""
    from local_models.engine import Engine

    rates = {}
    for threads in asked["threads"]:
        engine = Engine(Path(asked["path"]), context=asked["context"], threads=threads, gpu_layers=asked["gpu_layers"])
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
