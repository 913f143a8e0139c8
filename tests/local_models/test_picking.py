"""Which token is taken under a grammar: the best admitted one, or one drawn with the odds among the admitted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import local_models.engine as engine
from local_models.engine import EngineError, _Picker

SCORES = np.array([3.0, 2.0, 1.0, 0.0, 2.5, -4.0], dtype=np.float32)


class Picker(_Picker):
    """Admits a set of tokens; counts how many it was asked about."""

    def __init__(self, admitted: set[int], seed: int = 0, temperature: float = 1.0) -> None:
        super().__init__(None, seed, temperature)
        self.admitted, self.tried = admitted, 0

    def _admit(self, ids: npt.NDArray[np.intp], logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.tried += len(ids)
        return np.where([each in self.admitted for each in ids], logits[ids], -np.inf).astype(np.float32)


@pytest.mark.parametrize("tries", [0, 1, 12])
@pytest.mark.parametrize("admitted", [{0, 1, 2}, {2, 3}, {1, 4, 5}])
def test_drawing_has_the_odds_of_the_admitted(tries: int, admitted: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TRIES", tries)
    picker = Picker(admitted, seed=5)
    drawn = np.array([picker._sample(SCORES) for _ in range(20_000)])
    weights = {token: float(np.exp(SCORES[token])) for token in admitted}
    for token, weight in weights.items():
        assert (drawn == token).mean() == pytest.approx(weight / sum(weights.values()), abs=0.015)
    assert set(drawn) <= admitted


def test_the_same_seed_draws_the_same() -> None:
    one, other = (Picker({0, 2, 3}, seed=9) for _ in range(2))
    assert [one._sample(SCORES) for _ in range(50)] == [other._sample(SCORES) for _ in range(50)]


def test_the_best_admitted_token_is_found_however_far_down_it_stands() -> None:
    scores = np.random.default_rng(3).normal(size=20_000).astype(np.float32)
    order = np.argsort(-scores)
    for rank in (0, 40, 3000, 19_999):
        picker = Picker({int(order[rank]), int(order[-1])})
        assert picker._likeliest(scores) == order[rank]
    assert Picker({int(order[3])})._likeliest(scores) == order[3]


def test_nothing_admitted_is_an_error() -> None:
    for pick in (Picker(set())._likeliest, Picker(set())._sample):
        with pytest.raises(EngineError, match="no way on"):
            pick(SCORES)
