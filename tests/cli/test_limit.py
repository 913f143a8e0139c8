"""The limit of a case through the command line: shown, held to a wish, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., Any]
Refused = Callable[..., str]


@pytest.mark.parametrize("wish", ["8000", "8,000.00"])
def test_a_wish_holds_the_limit_until_it_is_taken_back(ask: Ask, refused: Refused, wish: str) -> None:
    before = ask("show", "good")
    limit = before["limit"]
    assert (limit["uplift"], limit["cap"], limit["wish"], limit["steps"]) == ("0.00", None, None, [])
    assert limit["base"] == limit["amount"] is not None
    held = ask("wish", "good", "--at-most", wish)
    assert held["limit"] == limit | {"wish": "8000.00"}
    shown = ask("show", "good")
    assert shown["limit"] == held["limit"]
    assert shown["policy"]["fits"]["amount"] == "8000.00"
    assert "eligibility 1.0" in {clause["clause"] for clause in shown["policy"]["clauses"]}
    assert "below the least value" in refused("wish", "good", "--at-most", "-5")
    assert ask("wish", "good", "--none")["limit"] == limit
    assert ask("show", "good")["policy"] == before["policy"]
