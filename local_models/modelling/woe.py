"""Weight of evidence and information value of bins. WoE is ln of (share of goods / share of bads)."""

from __future__ import annotations

import numpy as np

from local_models.modelling.arrays import Codes, Flags, Floats

HALF = 0.5  # added to an empty side of a bin, so that its WoE stays finite


def weights_of_evidence(good: Codes | Floats, bad: Codes | Floats) -> Floats:
    """WoE of each bin from its counts of goods and bads; an empty side counts half a case, an empty bin is average."""
    goods, bads = np.asarray(good, dtype=np.float64), np.asarray(bad, dtype=np.float64)
    empty = goods + bads == 0
    goods_shown, bads_shown = np.where(goods == 0, HALF, goods), np.where(bads == 0, HALF, bads)
    ratio = np.log(goods_shown / max(float(goods.sum()), HALF)) - np.log(bads_shown / max(float(bads.sum()), HALF))
    return np.where(empty, 0.0, ratio)


def information_value(good: Codes | Floats, bad: Codes | Floats) -> float:
    """Sum over the bins of (share of goods - share of bads) * WoE; never below zero."""
    goods, bads = np.asarray(good, dtype=np.float64), np.asarray(bad, dtype=np.float64)
    gap = goods / max(float(goods.sum()), HALF) - bads / max(float(bads.sum()), HALF)
    return max(float((gap * weights_of_evidence(goods, bads)).sum()), 0.0)


def counts(places: Codes, size: int, bad: Flags) -> tuple[Codes, Codes]:
    """Goods and bads of each of ``size`` bins."""
    return np.bincount(places[~bad], minlength=size), np.bincount(places[bad], minlength=size)
