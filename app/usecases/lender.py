"""What the workspace's settings say of the lender: the letterhead, its agency, its bureau, its rule pack."""

from __future__ import annotations

from app.domain.rulepacks import Lender
from app.errors import InputError
from app.ports import SettingStore, Workspace

USUAL_PACK = "us-ecoa-reg-b"
RULEPACK = "lender.rulepack"
DAYS = ("reply_days", "offer_days")
LONGEST = 366  # days an applicant is given


def lender_of(settings: SettingStore) -> Lender:
    """The lender as it is set; ``Lender`` says what holds where nothing is."""
    usual = Lender()
    return Lender(
        name=settings.get("lender.name"),
        address=settings.get("lender.address"),
        phone=settings.get("lender.phone"),
        agency=settings.get("lender.agency"),
        bureau=settings.get("lender.bureau"),
        bureau_address=settings.get("lender.bureau_address"),
        bureau_phone=settings.get("lender.bureau_phone"),
        reply_days=int(settings.get("lender.reply_days") or usual.reply_days),
        offer_days=int(settings.get("lender.offer_days") or usual.offer_days),
    )


def pack_name(settings: SettingStore) -> str:
    """The rule pack that the workspace chose."""
    return settings.get(RULEPACK) or USUAL_PACK


def keep_lender(workspace: Workspace, changes: dict[str, str]) -> Lender:
    """Store particulars by the names of ``Lender``'s fields, and ``rulepack``; returns them all.

    An empty text clears one. Raises ``InputError`` for a number of days that is none.
    """
    for key in DAYS:
        given = changes.get(key, "")
        if given and not (given.isdecimal() and 1 <= int(given) <= LONGEST):
            raise InputError(key, f"{given!r} is no number of days.", remedy=f"Give whole days from 1 to {LONGEST}.")
    with workspace.transaction() as stores:
        for key, value in changes.items():
            stores.settings.put(f"lender.{key}", value.strip())
        return lender_of(stores.settings)
