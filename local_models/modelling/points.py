"""From effects in ln(good:bad) to whole points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.scorecard import Scaling
from local_models.modelling.arrays import Codes, Floats


def whole_points(effects: Sequence[Floats], intercept: float, scaling: Scaling) -> list[Codes]:
    """Points of each bin: its effect times the scaling's factor, on an equal share of the average case's points.

    The shares are rounded so that they add up to the average case's points, and every bin once more by itself.
    """
    total = round(scaling.points(intercept))
    share, spare = divmod(total, len(effects)) if effects else (0, 0)
    return [
        np.rint(scaling.factor * effect).astype(np.intp) + share + (place < spare)
        for place, effect in enumerate(effects)
    ]
