"""The machine that models run on: what it has, and how a model is run on it, measured in a child process."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from app.domain.machine import Fit, Gpu, Machine, Needs, Package, fit
from app.errors import EnvironmentFault
from local_models.backends import ended
from local_models.catalogue import ModelSpec, verify_model
from local_models.client import usable_cores
from local_models.gguf import Header, read_header

LOOK_LIMIT, TRY_LIMIT = 60.0, 300.0  # seconds a child may take
_KEPT = "fits.json"
Ask = Callable[[Mapping[str, Any], float], Mapping[str, Any]]


def ask_child(task: Mapping[str, Any], limit: float) -> Mapping[str, Any]:
    """What the child says; ``problem`` where it failed, died or took too long."""
    command = [sys.executable, "--child" if getattr(sys, "frozen", False) else "-m", "local_models.probe"]
    paths = [str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(paths), "OMP_WAIT_POLICY": "PASSIVE"}
    line = json.dumps(task).encode() + b"\n"
    try:
        done = subprocess.run(
            command, input=line, capture_output=True, timeout=limit, env=os.environ | own, check=False
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"it was not done after {limit:.0f} seconds"}
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"problem": " ".join(filter(None, ended(done.returncode)))}
    return answer


def look_at_machine(ask: Ask = ask_child, backends: Sequence[Path] = ()) -> Machine:
    """Processor, memory and graphics processors; what the runtime cannot say is empty, with why in ``problem``.

    ``backends`` are the folders where packages for graphics processors lie.
    """
    task = {"look": {"backends": [str(folder) for folder in backends]}}
    seen, memory = ask(task, LOOK_LIMIT), psutil.virtual_memory()
    devices = seen.get("devices", [])
    gpus = tuple(Gpu(each["name"], each["backend"], each["memory"], each["free"]) for each in devices if each["gpu"])
    names = [each["name"] for each in devices if not each["gpu"]]
    return Machine(
        processor=names[0] if names else platform.processor() or platform.machine(),
        cores=usable_cores(),
        instruction_sets=tuple(seen.get("instruction_sets", ())),
        memory=memory.total,
        free=memory.available,
        gpus=gpus,
        backends=tuple(each["backend"] for each in devices) or ("CPU",),
        runtime=seen.get("runtime", ""),
        problem=seen.get("problem", ""),
        variant=seen.get("variant", ""),
        packages=tuple(Package(**each) for each in seen.get("packages", ())),
    )


def needs_of(header: Header) -> Needs:
    """What the model of a header takes."""
    weights = sum(tensor.size for tensor in header.tensors)
    return Needs(weights, header.layers, header.cache_bytes, header.width, header.vocabulary)


def plan_fit(spec: ModelSpec, machine: Machine) -> Fit:
    """How the model would be run, by its header; raises ``EnvironmentFault`` with the numbers where it does not fit."""
    header = read_header(spec.file)
    return fit(spec.name, needs_of(header), machine, min(spec.context, header.context))


def measure_fit(spec: ModelSpec, machine: Machine, ask: Ask = ask_child) -> Fit:
    """Load the model as planned and time it; where the graphics processor fails, with fewer layers, at last without.

    The number of threads is the quicker of all cores and half of them. Raises ``EnvironmentFault`` where it does not
    fit, or cannot be run at all.
    """
    verify_model(spec)
    planned, needs = plan_fit(spec, machine), needs_of(read_header(spec.file))
    steps = [planned]
    if planned.gpu_layers:
        half = planned.gpu_layers // 2
        steps += [replace(planned, gpu_layers=half), planned.on_processor(needs)]
    threads = sorted({planned.threads, max(planned.threads // 2, 1)})
    why = ""
    for step in steps:
        task = {
            "path": str(spec.file),
            "context": step.context,
            "threads": threads,
            "gpu_layers": step.gpu_layers,
            "backends": [str(folder) for folder in spec.backends],
        }
        answer = ask({"try": task}, TRY_LIMIT)
        if "rates" in answer:
            rates = {int(count): rate for count, rate in answer["rates"].items()}
            best = max(rates, key=lambda count: (rates[count], -count))
            return replace(step, threads=best, tokens_a_second=rates[best], measured_memory=answer["memory"])
        why = answer.get("problem", "it failed")
    raise EnvironmentFault(
        f"{spec.name} cannot be run on this machine: {why}.", remedy="Choose another model, or a smaller quantisation."
    )


def keep_fit(spec: ModelSpec, found: Fit, folder: Path) -> None:
    """Remember a measured fit beside the models, for this machine."""
    kept = _kept(folder) | {_key(spec): found.to_json()}
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_KEPT}.part"
    fresh.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    fresh.replace(folder / _KEPT)


def kept_fit(spec: ModelSpec, folder: Path) -> Fit | None:
    """The fit measured on this machine; null where there is none, or where what is kept cannot be read."""
    with suppress(TypeError):
        found = _kept(folder).get(_key(spec))
        return Fit.from_json(found) if found else None
    return None


def _kept(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key(spec: ModelSpec) -> str:
    """What a measurement holds for; found without asking the runtime, for every draft looks it up."""
    return f"{spec.sha256} {usable_cores()} {psutil.virtual_memory().total} {version('llama-cpp-python')}"
