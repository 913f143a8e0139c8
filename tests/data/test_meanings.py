"""Meanings of passages beside the facts of their case, compared where they lie."""

from __future__ import annotations

import math

from data.workspace import StoredWorkspace

ONE, TWO = "a" * 64, "b" * 64
MODEL, OTHER = "c" * 64, "d" * 64


def _keep(workspace: StoredWorkspace, document: str, model: str, meanings: dict[str, list[float]]) -> None:
    with workspace.transaction() as stores:
        stores.meanings.keep(document, model, meanings)


def test_the_nearest_come_first_with_how_far_they_stand_out(workspace: StoredWorkspace) -> None:
    far = {f"far-{number}": [0.0, 1.0] for number in range(8)}
    _keep(workspace, ONE, MODEL, {"near": [0.8, 0.6]} | far)
    _keep(workspace, TWO, MODEL, {"nearest": [2.0, 0.0]})
    with workspace.read() as stores:
        found = stores.meanings.near([ONE, TWO], MODEL, [1.0, 0.0], 3)
        of_one = stores.meanings.near([ONE], MODEL, [1.0, 0.0], 1)
    assert [(each.document, each.passage) for each in found[:2]] == [(TWO, "nearest"), (ONE, "near")]
    assert math.isclose(found[0].likeness, 1.0)
    assert found[0].standing > found[1].standing > found[2].standing
    assert [each.passage for each in of_one] == ["near"]


def test_what_is_known_is_by_model_and_document_and_another_model_takes_its_place(workspace: StoredWorkspace) -> None:
    _keep(workspace, ONE, MODEL, {"p": [1.0, 0.0]})
    _keep(workspace, ONE, MODEL, {"q": [0.0, 1.0]})
    with workspace.read() as stores:
        assert stores.meanings.known([ONE, TWO], MODEL) == {(ONE, "p"), (ONE, "q")}
        assert stores.meanings.known([ONE], OTHER) == set()
        assert stores.meanings.near([ONE], OTHER, [1.0, 0.0], 5) == []
    _keep(workspace, ONE, OTHER, {"p": [1.0, 0.0, 0.0]})
    with workspace.read() as stores:
        assert stores.meanings.known([ONE], MODEL) == set()
        assert [each.passage for each in stores.meanings.near([ONE], OTHER, [1.0, 0.0, 0.0], 5)] == ["p"]


def test_equal_passages_and_a_single_one_do_not_stand_out(workspace: StoredWorkspace) -> None:
    _keep(workspace, ONE, MODEL, {"p": [1.0, 0.0]})
    with workspace.read() as stores:
        assert [each.standing for each in stores.meanings.near([ONE], MODEL, [1.0, 0.0], 5)] == [0.0]
        assert stores.meanings.near([], MODEL, [1.0, 0.0], 5) == []
