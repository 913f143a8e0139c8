"""The machine as it is seen and measured through a child; a driver or a model that fails costs the child only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.domain.machine import Gpu, Machine
from app.errors import EnvironmentFault
from local_models.catalogue import BUNDLED, ModelSpec
from local_models.hardware import ask_child, keep_fit, kept_fit, look_at_machine, measure_fit, plan_fit
from local_models.installing import InstallModel, install_model
from tests.local_models.gguf_files import write

GB = 10**9
GPU = Gpu("A card", "CUDA0", 8 * GB, 8 * GB)
DESK = Machine("a processor", 4, ("AVX2",), 16 * GB, 12 * GB, (GPU,), ("CUDA0", "CPU"), "llama 1")


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    return install_model(InstallModel(write(tmp_path / "m.gguf")), tmp_path / "models")


def test_the_real_runtime_names_processor_memory_and_backends() -> None:
    machine = look_at_machine()
    assert machine.problem == ""
    assert machine.processor
    assert "CPU" in machine.backends
    assert 0 < machine.free <= machine.memory
    assert machine.runtime.startswith("llama-cpp-python")


def test_a_runtime_that_dies_leaves_what_the_system_says() -> None:
    machine = look_at_machine(lambda task, limit: {"problem": "its process ended with code -11"})
    assert machine.problem == "its process ended with code -11"
    assert (machine.gpus, machine.backends) == ((), ("CPU",))
    assert machine.memory > 0


def test_graphics_processors_are_listed_with_their_memory() -> None:
    card = {"name": "A card", "backend": "CUDA0", "gpu": True, "memory": 8, "free": 7}
    seen = {"devices": [card, {**card, "name": "Xeon", "backend": "CPU", "gpu": False}], "instruction_sets": ["AVX2"]}
    machine = look_at_machine(lambda task, limit: seen)
    assert machine.gpus == (Gpu("A card", "CUDA0", 8, 7),)
    assert (machine.processor, machine.backends) == ("Xeon", ("CUDA0", "CPU"))


def test_the_quicker_number_of_threads_is_taken(spec: ModelSpec) -> None:
    found = measure_fit(spec, DESK, lambda task, limit: {"rates": {"2": 30.0, "4": 20.0}, "memory": 5 * GB})
    assert (found.threads, found.tokens_a_second, found.measured_memory) == (2, 30.0, 5 * GB)
    assert found.gpu == "A card"


def test_a_graphics_processor_that_fails_is_left_for_the_processor_alone(spec: ModelSpec) -> None:
    tried: list[int] = []

    def ask(task: Mapping[str, Any], limit: float) -> Mapping[str, Any]:
        tried.append(task["try"]["gpu_layers"])
        return {"problem": "out of memory"} if tried[-1] else {"rates": {"4": 9.0}, "memory": GB}

    found = measure_fit(spec, DESK, ask)
    assert tried == [3, 1, 0]
    assert (found.gpu_layers, found.gpu, found.gpu_memory) == (0, "", 0)


def test_a_model_that_runs_nowhere_is_refused_with_the_reason(spec: ModelSpec) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be run on this machine: no tensors"):
        measure_fit(spec, DESK, lambda task, limit: {"problem": "no tensors"})


def test_a_model_too_large_is_refused_before_anything_is_loaded(spec: ModelSpec) -> None:
    small = Machine("p", 1, (), GB, 1_000_000)
    with pytest.raises(EnvironmentFault, match=r"needs \d+\.\d GB"):
        measure_fit(spec, small, lambda task, limit: pytest.fail("it was loaded"))


def test_the_file_of_the_test_is_no_model_and_the_child_says_so(spec: ModelSpec) -> None:
    answer = ask_child({"try": {"path": str(spec.file), "context": 512, "threads": [1], "gpu_layers": 0}}, 60)
    assert "cannot load" in answer["problem"]


def test_a_measurement_is_kept_for_this_machine_and_this_file(
    spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plan_fit(spec, DESK)
    keep_fit(spec, found, tmp_path)
    assert kept_fit(spec, tmp_path) == found
    assert kept_fit(BUNDLED, tmp_path) is None
    with monkeypatch.context() as patch:
        patch.setattr("local_models.hardware.usable_cores", lambda: 99)
        assert kept_fit(spec, tmp_path) is None
    (tmp_path / "fits.json").write_text("[broken", encoding="utf-8")
    assert kept_fit(spec, tmp_path) is None


@pytest.mark.model
@pytest.mark.skipif(not BUNDLED.file.exists(), reason="the bundled model is not fetched")
def test_the_bundled_model_is_measured_on_this_machine() -> None:
    found = measure_fit(BUNDLED, look_at_machine())
    assert found.tokens_a_second is not None
    assert found.tokens_a_second > 1
    assert found.measured_memory is not None
    assert BUNDLED.file.stat().st_size < found.measured_memory < 3 * found.memory
