"""Who may sign what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.authority import authority_text, require_authority, role_key, signatory_of
from app.domain.policy import Signatory
from app.errors import InputError

JUNIOR = Signatory("authority 5.1", "underwriter", Decimal("15000"), Decimal("15000"))
SENIOR = Signatory("authority 5.2", "senior-underwriter", Decimal("30000"), Decimal("40000"))
SIGNING = (JUNIOR, SENIOR)


@pytest.mark.parametrize("role", ["Senior Underwriter", "senior_underwriter", " SENIOR-underwriter "])
def test_roles_are_compared_however_they_are_spelt(role: str) -> None:
    assert role_key(role) == "senior-underwriter"
    assert signatory_of(SIGNING, role) is SENIOR


@pytest.mark.parametrize(
    ("role", "amount", "override", "signer"),
    [
        ("underwriter", "15000.00", None, JUNIOR),
        ("senior-underwriter", "30000.00", None, SENIOR),
        ("senior-underwriter", "40000.00", "Committee.", SENIOR),
    ],
)
def test_within_authority(role: str, amount: str, override: str | None, signer: Signatory) -> None:
    assert require_authority(SIGNING, role, Decimal(amount), "EUR", override) is signer


@pytest.mark.parametrize(
    ("role", "amount", "override", "field", "remedy"),
    [
        ("underwriter", "15000.01", None, "amount", "senior-underwriter (up to 30000 EUR)"),
        ("underwriter", "15000.01", "A reason.", "amount", "senior-underwriter (up to 30000 EUR)"),
        ("senior-underwriter", "30000.01", None, "override", "allows up to 40000 EUR"),
        ("senior-underwriter", "40000.01", "A reason.", "amount", "No role may sign this amount"),
        ("clerk", "1.00", None, "role", "underwriter, senior-underwriter"),
    ],
)
def test_beyond_authority_says_who_may_sign(
    role: str, amount: str, override: str | None, field: str, remedy: str
) -> None:
    with pytest.raises(InputError) as refused:
        require_authority(SIGNING, role, Decimal(amount), "EUR", override)
    assert refused.value.field == field
    assert remedy in refused.value.remedy


def test_a_policy_without_roles_says_what_to_do() -> None:
    with pytest.raises(InputError, match="Add the currency"):
        signatory_of((), "underwriter")


def test_the_decision_names_clause_and_limit() -> None:
    assert authority_text(JUNIOR, "EUR") == "authority 5.1: 15000 EUR"
    cents = Signatory("authority 5.1", "underwriter", Decimal("1500.50"), Decimal("1500.50"))
    assert authority_text(cents, "EUR") == "authority 5.1: 1500.50 EUR"
