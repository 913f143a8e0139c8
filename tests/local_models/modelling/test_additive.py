"""The additive model: known steps come back, noise goes out, sums are zero."""

from __future__ import annotations

import numpy as np
import pytest

from local_models.modelling.additive import Term, fit_additive
from local_models.modelling.regression import chance_of


def drawn(rows: int, seed: int) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Three columns: a slope in steps, a category, noise."""
    rng = np.random.Generator(np.random.PCG64(seed))
    effects = [np.linspace(-1, 1, 10), np.array([0.8, -0.5, 0.1, -0.4]), np.zeros(10)]
    places = np.column_stack([rng.integers(0, len(effect), rows) for effect in effects])
    odds = 0.7 + sum(effect[places[:, at]] for at, effect in enumerate(effects))
    return places, effects, rng.random(rows) < chance_of(odds)


TERMS = [Term(10, 10), Term(4, 0), Term(10, 10)]


def test_known_steps_come_back_and_noise_is_shrunk_to_nothing() -> None:
    places, effects, good = drawn(30_000, 41)
    model = fit_additive(places, TERMS, good)
    for at in (0, 1):
        truth = effects[at] - effects[at][places[:, at]].mean()
        assert model.effects[at] == pytest.approx(truth, abs=0.12)
    assert np.abs(model.effects[2]).max() < 0.05
    assert model.freedom[2] < 1 < model.freedom[0]


def test_effects_are_centred_over_the_sample() -> None:
    places, _, good = drawn(5_000, 42)
    model = fit_additive(places, TERMS, good)
    for at, effect in enumerate(model.effects):
        assert float(effect[places[:, at]].mean()) == pytest.approx(0, abs=1e-3)


def test_the_mean_chance_is_that_of_the_sample() -> None:
    places, _, good = drawn(5_000, 43)
    model = fit_additive(places, TERMS, good)
    assert float(chance_of(model.log_odds(places)).mean()) == pytest.approx(float(good.mean()), abs=1e-3)


def test_it_is_the_same_twice_and_from_where_it_ended() -> None:
    places, _, good = drawn(3_000, 44)
    model = fit_additive(places, TERMS, good)
    again = fit_additive(places, TERMS, good)
    assert all(np.array_equal(a, b) for a, b in zip(model.effects, again.effects, strict=True))
    further = fit_additive(places, TERMS, good, start=model)
    assert np.abs(model.log_odds(places) - further.log_odds(places)).max() < 0.1


def test_small_samples_are_drawn_in() -> None:
    places, _, good = drawn(60, 45)
    model = fit_additive(places, TERMS, good)
    assert all(np.isfinite(effect).all() for effect in model.effects)
    assert float(np.abs(model.log_odds(places)).max()) < 5


def test_cancelling_ends_it() -> None:
    class Stop(Exception):
        pass

    def tick() -> None:
        raise Stop

    places, _, good = drawn(500, 46)
    with pytest.raises(Stop):
        fit_additive(places, TERMS, good, tick)
