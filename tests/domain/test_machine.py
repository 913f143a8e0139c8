"""Whether a model fits a machine: the context shrinks, layers go to the graphics processor, and what does not fit is
refused with the numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.machine import RUNTIME, Fit, Gpu, Machine, Needs, fit
from app.errors import EnvironmentFault

GB = 10**9
QWEN_7B = Needs(weights=4_680_000_000, layers=28, cache_per_token=57_344, width=3584, vocabulary=152_064)
OFFICE = Machine("a processor", 8, ("AVX2",), memory=16 * GB, free=10 * GB)


def test_a_model_that_fits_gets_the_whole_context_and_all_cores() -> None:
    found = fit("qwen", QWEN_7B, OFFICE)
    assert (found.context, found.threads, found.gpu_layers, found.gpu) == (4096, 8, 0, "")
    assert 5 * GB < found.memory < 6 * GB


def test_the_context_shrinks_before_the_model_is_refused() -> None:
    tight = replace(OFFICE, free=int(QWEN_7B.memory(2048) / 0.85) + 1)
    assert fit("qwen", QWEN_7B, tight).context == 2048


def test_what_does_not_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(EnvironmentFault, match=r"qwen needs 5\.\d GB of memory, and 3\.4 GB of the 16\.0 GB") as caught:
        fit("qwen", QWEN_7B, replace(OFFICE, free=4 * GB))
    assert "smaller model" in caught.value.remedy


def test_a_model_never_gets_more_context_than_it_was_trained_for() -> None:
    assert fit("small", QWEN_7B, OFFICE, most_context=1024).context == 1024


def test_all_layers_go_to_a_graphics_processor_that_holds_them() -> None:
    gpus = (Gpu("small", "CUDA0", 2 * GB, 2 * GB), Gpu("large", "CUDA1", 24 * GB, 23 * GB))
    found = fit("qwen", QWEN_7B, replace(OFFICE, gpus=gpus))
    assert (found.gpu, found.gpu_layers) == ("large", 29)
    assert RUNTIME <= found.memory < GB
    assert found.gpu_memory < 23 * GB


def test_some_layers_go_to_one_that_holds_some_and_none_to_one_that_holds_none() -> None:
    some = fit("qwen", QWEN_7B, replace(OFFICE, gpus=(Gpu("g", "Vulkan0", 4 * GB, 4 * GB),)))
    assert 0 < some.gpu_layers < 28
    assert some.gpu_memory <= 4 * GB * 0.9
    none = fit("qwen", QWEN_7B, replace(OFFICE, gpus=(Gpu("g", "Vulkan0", GB // 2, GB // 2),)))
    assert (none.gpu_layers, none.gpu, none.gpu_memory) == (0, "", 0)


def test_falling_back_to_the_processor_takes_the_whole_model_there() -> None:
    found = fit("qwen", QWEN_7B, replace(OFFICE, gpus=(Gpu("g", "CUDA0", 24 * GB, 24 * GB),)))
    assert found.on_processor(QWEN_7B) == fit("qwen", QWEN_7B, OFFICE)


@given(st.integers(0, 64 * GB), st.integers(0, 64 * GB), st.integers(1, 40 * GB))
def test_a_fit_never_takes_more_than_is_free(free: int, gpu: int, weights: int) -> None:
    machine = replace(OFFICE, free=free, gpus=(Gpu("g", "CUDA0", gpu, gpu),))
    try:
        found = fit("any", replace(QWEN_7B, weights=weights), machine)
    except EnvironmentFault:
        return
    assert found.memory <= free
    assert found.gpu_memory <= gpu
    assert Fit.from_json(found.to_json()) == found
