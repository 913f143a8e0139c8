"""Edits of the table of credentials: each makes a new document, and what the table cannot hold is refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from app.domain import credential_edit as edit
from app.errors import InputError

DOCUMENT: dict[str, Any] = {
    "name": "p",
    "credentials": {"cap": "10", "repeat": "0.5", "steps": [{"kind": "diploma", "amount": "5", "group": "g"}]},
}


def test_cells_and_whole_are_set_in_a_new_document() -> None:
    before = deepcopy(DOCUMENT)
    changed = edit.set_whole(edit.set_cell(DOCUMENT, 0, "amount", " 7 "), "cap", "20")
    assert changed["credentials"] == {
        "cap": "20",
        "repeat": "0.5",
        "steps": [{"kind": "diploma", "amount": "7", "group": "g"}],
    }
    assert "group" not in edit.set_cell(changed, 0, "group", "")["credentials"]["steps"][0]
    assert before == DOCUMENT


def test_the_first_kind_makes_the_table_and_the_last_takes_it_away() -> None:
    made = edit.add_kind({"name": "p"}, "diploma", ("holder",))
    assert made["credentials"]["steps"] == [{"kind": "diploma", "amount": "0", "needs": ["holder"]}]
    assert edit.remove_kind(made, 0) == {"name": "p"}


@pytest.mark.parametrize(("name", "text"), [("amount", "-1"), ("amount", ""), ("most", "x")])
def test_what_the_table_cannot_hold_is_refused(name: str, text: str) -> None:
    with pytest.raises(InputError):
        edit.set_cell(DOCUMENT, 0, name, text)
    with pytest.raises(InputError):
        edit.set_whole(DOCUMENT, "repeat", "2")
    with pytest.raises(InputError):
        edit.add_kind(DOCUMENT, "diploma", ())
