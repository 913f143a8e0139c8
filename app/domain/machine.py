"""What a machine has, what a model needs of it, and whether the one holds the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.errors import EnvironmentFault

CONTEXTS = (4_096, 3_072, 2_048)  # tokens, the largest that fits is taken; the last holds one sentence at a time
RUNTIME = 250 << 20  # bytes of Python, llama.cpp and its tables
RESERVE = 0.15  # share of the free memory that stays free for the desk and the system
GPU_RESERVE = 0.10  # share of a graphics processor's free memory that stays free
_WITHOUT_AVX2 = ("x64", "sse42", "sandybridge", "ivybridge", "piledriver")  # as llama.cpp names its variants
_BATCH = 512  # tokens evaluated in one go; the buffers are made for so many


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor that the runtime can use."""

    name: str
    backend: str  # "CUDA0", "Vulkan0", "Metal"
    memory: int  # bytes
    free: int

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "backend": self.backend, "memory": self.memory, "free": self.free}


@dataclass(frozen=True, slots=True)
class Package:
    """A package for graphics processors that was found, and whether the runtime uses it."""

    name: str
    folder: str
    reason: str = ""  # why it is not used; empty where it is. The window has words for each (models.package_REASON)
    detail: str = ""  # the file or the message that the reason is about
    problem: str = ""  # the same in words

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as the runtime of language models sees it; bytes."""

    processor: str
    cores: int
    instruction_sets: tuple[str, ...]
    memory: int
    free: int
    gpus: tuple[Gpu, ...] = ()
    backends: tuple[str, ...] = ("CPU",)
    runtime: str = ""
    problem: str = ""  # why the runtime could not be asked
    variant: str = ""  # of the runtime, for this processor; empty where it has but one
    packages: tuple[Package, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether the runtime goes without AVX2 for this processor, which takes several times as long."""
        return self.variant in _WITHOUT_AVX2

    def to_json(self) -> dict[str, Any]:
        return {
            "processor": self.processor,
            "cores": self.cores,
            "instruction_sets": list(self.instruction_sets),
            "memory": self.memory,
            "free": self.free,
            "gpus": [gpu.to_json() for gpu in self.gpus],
            "backends": list(self.backends),
            "runtime": self.runtime,
            "problem": self.problem,
            "variant": self.variant,
            "packages": [package.to_json() for package in self.packages],
        }


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model takes; bytes, from its header."""

    weights: int
    layers: int
    cache_per_token: int
    width: int  # values a token is held by
    vocabulary: int

    def memory(self, context: int) -> int:
        """Of the whole model with a context of so many tokens, on the processor alone."""
        return self.weights + self.cache_per_token * context + self.buffers + RUNTIME

    @property
    def buffers(self) -> int:
        return _BATCH * 4 * (self.vocabulary + 10 * self.width)

    def layer(self, context: int) -> int:
        """Of one layer with its share of the cache."""
        return (self.weights + self.cache_per_token * context) // max(self.layers, 1)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model is run on a machine."""

    context: int  # tokens
    threads: int
    gpu_layers: int  # 0: on the processor alone
    gpu: str  # name of the graphics processor; empty where there is none
    memory: int  # bytes it is expected to take
    gpu_memory: int
    tokens_a_second: float | None = None  # measured; null: not measured yet
    measured_memory: int | None = None  # bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "context": self.context,
            "threads": self.threads,
            "gpu_layers": self.gpu_layers,
            "gpu": self.gpu,
            "memory": self.memory,
            "gpu_memory": self.gpu_memory,
            "tokens_a_second": self.tokens_a_second,
            "measured_memory": self.measured_memory,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fit:
        """Inverse of ``to_json``. Raises ``TypeError`` on anything else."""
        return cls(**data)

    def on_processor(self, needs: Needs) -> Fit:
        """The same without the graphics processor: what is fallen back to."""
        return replace(self, gpu_layers=0, gpu="", gpu_memory=0, memory=needs.memory(self.context))


def fit(name: str, needs: Needs, machine: Machine, most_context: int = CONTEXTS[0]) -> Fit:
    """The largest context that fits, and as many layers on the graphics processor as it holds.

    Raises ``EnvironmentFault`` with the numbers where the model does not fit at all.
    """
    free = int(machine.free * (1 - RESERVE))
    for context in sorted({min(context, most_context) for context in CONTEXTS}, reverse=True):
        gpu, layers = _offload(needs, machine, context)
        on_gpu = layers * needs.layer(context) + (needs.buffers if layers else 0)
        taken = max(needs.memory(context) - layers * needs.layer(context), RUNTIME)
        if taken <= free:
            name_of_gpu = gpu.name if gpu and layers else ""
            return Fit(context, machine.cores, layers, name_of_gpu, taken, on_gpu)
    least = needs.memory(min(CONTEXTS[-1], most_context))
    raise EnvironmentFault(
        f"{name} needs {least / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB of the {machine.memory / 1e9:.1f} GB "
        "here can be given to it.",
        remedy="Close other programs, choose a smaller model or quantisation, or add memory.",
    )


def _offload(needs: Needs, machine: Machine, context: int) -> tuple[Gpu | None, int]:
    """The roomiest graphics processor and how many layers it holds; all of them count the output layer in."""
    gpu = max(machine.gpus, key=lambda each: each.free, default=None)
    if gpu is None:
        return None, 0
    room = int(gpu.free * (1 - GPU_RESERVE)) - needs.buffers
    held = max(room // max(needs.layer(context), 1), 0)
    return gpu, needs.layers + 1 if held >= needs.layers + 1 else min(held, needs.layers)
