"""A judging table may answer with its first row alone; check, bulk and engine agree on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.adapters.policy_engine import ZenPolicyEngine
from app.domain.policy import Policy
from app.domain.policy_audit import audit
from app.domain.policy_check import PolicyCheck
from app.domain.policy_edit import set_hit_policy
from app.domain.policy_judge import Judge
from app.domain.policy_tables import JUDGING, PolicyReading, hit_policies
from app.errors import InputError
from data.policy_files import POLICIES, policy_from_json
from tests.domain.test_rate_caps import VALUES
from tests.underwriting import CATALOGUE

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "instalment-loan.json").read_bytes())
ENGINE = ZenPolicyEngine()
POOR = VALUES | {"history.adverse_records": True, "history.enquiries_3m": 7}


def policy(table: str, hit_policy: str) -> Policy:
    document = set_hit_policy(DOCUMENT, table, hit_policy)
    return policy_from_json(json.dumps(document).encode(), "p", CATALOGUE)


@pytest.mark.parametrize(
    ("hit_policy", "wanted"),
    [("collect", ["referral 3.4", "referral 3.7"]), ("first", ["referral 3.4"])],
)
def test_the_first_row_alone_counts_where_the_table_says_so(hit_policy: str, wanted: list[str]) -> None:
    given = policy("referral", hit_policy)
    check = PolicyCheck(given, PolicyReading(given), ENGINE.evaluate, POOR, currency="EUR", language="en")
    hits = check.at(check.requested()).hits
    assert [hit.clause for hit in hits if hit.outcome == "refer"] == wanted
    assert list(Judge(given, ENGINE.evaluate).judge(POOR, "EUR").clauses) == wanted


@pytest.mark.parametrize("table", ["terms", "limits", "pricing", "authority"])
def test_the_other_tables_have_one(table: str) -> None:
    other = "collect" if hit_policies(table) == ("first",) else "first"
    with pytest.raises(InputError, match="hit policy"):
        policy(table, other)


def test_a_first_hit_judging_table_need_not_answer_everything() -> None:
    for table in JUDGING:
        kinds = {
            each.kind for each in audit(set_hit_policy(DOCUMENT, table, "first"), CATALOGUE) if each.table == table
        }
        assert "gap" not in kinds
