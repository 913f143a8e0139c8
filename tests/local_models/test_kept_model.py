"""The model that outlives its draft: shared, exchanged, and let go after a rest."""

from __future__ import annotations

import time
from dataclasses import replace

from app.bootstrap.wording import KeptModel
from local_models.catalogue import BUNDLED

OTHER = replace(BUNDLED, name="other")


def test_two_drafts_in_a_row_have_the_same_model_and_another_takes_its_place() -> None:
    kept = KeptModel()
    with kept.use(BUNDLED) as first:
        pass
    with kept.use(BUNDLED) as second:
        assert second is first
    with kept.use(OTHER) as third:
        assert third.name == "other"
    with kept.use(BUNDLED) as fourth:
        assert fourth is not first
    kept.close()


def test_a_model_at_work_is_not_taken_away_by_another() -> None:
    kept = KeptModel()
    with kept.use(BUNDLED) as first:
        with kept.use(OTHER) as beside:
            assert beside.name == "other"
        with kept.use(BUNDLED) as again:
            assert again is first
    kept.close()


def test_a_model_that_rests_is_let_go() -> None:
    kept = KeptModel(rest=0.01)
    with kept.use(BUNDLED) as first:
        time.sleep(0.05)
        with kept.use(BUNDLED) as again:
            assert again is first  # it is at work
    until = time.monotonic() + 10
    while kept._model is not None and time.monotonic() < until:
        time.sleep(0.01)
    with kept.use(BUNDLED) as fresh:
        assert fresh is not first
    kept.close()
