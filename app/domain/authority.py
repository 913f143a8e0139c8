"""Who may sign what: the policy's authority table against a role and an amount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.domain.policy import Signatory
from app.errors import InputError


def role_key(role: str) -> str:
    """A role as the table spells it: ``Senior Underwriter`` is ``senior-underwriter``."""
    return "-".join(role.casefold().replace("_", " ").replace("-", " ").split())


def signatory_of(signing: Sequence[Signatory], role: str) -> Signatory:
    """The role's row. Raises ``InputError`` when the table has none."""
    found = next((each for each in signing if role_key(each.role) == role_key(role)), None)
    if found is None:
        known = ", ".join(each.role for each in signing)
        raise InputError(
            "role",
            f"The policy gives the role {role!r} no authority in this currency.",
            remedy=f"Roles that may sign: {known}." if known else "Add the currency to the policy's tables.",
        )
    return found


def require_authority(
    signing: Sequence[Signatory], role: str, amount: Decimal, currency: str, override: str | None
) -> Signatory:
    """The signer's row if the role may sign the amount.

    An override reason stretches a role's limit only up to ``override_limit`` of its row. Raises ``InputError`` with who
    may sign otherwise.
    """
    signer = signatory_of(signing, role)
    if amount <= signer.limit or (override and amount <= signer.override_limit):
        return signer
    above = f"{amount} {currency} is above the authority of {signer.role} ({authority_text(signer, currency)})."
    if amount <= signer.override_limit:
        raise InputError(
            "override",
            above,
            remedy=f"Give an override reason; it allows up to {signer.override_limit} {currency}.",
        )
    others = [f"{each.role} (up to {each.limit} {currency})" for each in signing if amount <= each.limit]
    raise InputError(
        "amount",
        above,
        remedy=f"It may be signed by: {', '.join(others)}." if others else "No role may sign this amount.",
    )


def authority_text(signer: Signatory, currency: str) -> str:
    """How the decision names its authority: ``authority 5.1: 15000 EUR``."""
    limit = signer.limit
    whole = limit == limit.to_integral_value()
    return f"{signer.clause}: {limit.quantize(Decimal(1)) if whole else limit} {currency}"
