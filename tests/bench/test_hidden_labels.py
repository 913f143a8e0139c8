"""Hiding labels for measuring what is read without them."""

from __future__ import annotations

from bench.hidden_labels import with_fewer_labels
from data.kinds import load_kinds


def test_about_half_of_the_labels_are_hidden_the_same_each_time() -> None:
    kinds = load_kinds()
    fewer = with_fewer_labels(kinds, 0.5, 0)
    assert fewer == with_fewer_labels(kinds, 0.5, 0) != with_fewer_labels(kinds, 0.5, 1)
    before, after = (sum(len(spec.labels) for kind in each.values() for spec in kind.fields) for each in (kinds, fewer))
    assert 0.45 < after / before < 0.55


def test_a_label_of_a_field_is_hidden_in_all_kinds_or_in_none() -> None:
    kinds, told = load_kinds(), dict[tuple[str, str], set[bool]]()
    for kind in with_fewer_labels(kinds, 0.5, 0).values():
        for spec in kind.fields:
            for label in kinds[kind.id].field(spec.name).labels:
                told.setdefault((spec.name, label), set()).add(label in spec.labels)
    assert all(len(each) == 1 for each in told.values())


def test_nothing_is_hidden_where_no_share_is() -> None:
    kinds = load_kinds()
    assert with_fewer_labels(kinds, 0, 0) == dict(kinds)
