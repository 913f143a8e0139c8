"""The options of ``policy …`` and ``offers``; nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Add = Callable[[Any, str, str, str, str], argparse.ArgumentParser]


def add_commands(commands: Any, add: Add) -> None:
    """The commands of policies and offers; ``add`` makes one that runs a function of this module."""
    text = "check, compare, test, activate and simulate policies"
    verbs = commands.add_parser("policy", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    check = add(verbs, "check", "policies", "check", "look for gaps, overlaps, unreachable rows and wrong cells")
    add(verbs, "list", "policies", "list_", "list the policies and their versions")
    keep = add(verbs, "add", "policies", "add", "take a policy file into the workspace as a version")
    diff = add(verbs, "diff", "policies", "diff", "say what changed from one policy to another")
    test = add(verbs, "test", "policies", "test", "run the tests beside a policy's tables")
    activate = add(verbs, "activate", "policies", "activate", "put a version in force; not by who added it")
    simulate = add(verbs, "simulate", "policies", "simulate", "put a policy before the past cases of the workspace")
    for parser in (check, keep, test, activate, simulate):
        parser.add_argument(
            "policy", metavar="FILE|NAME", help="a .json file, name, name@version, or part of a SHA-256"
        )
    diff.add_argument("old", metavar="A", help="a .json file, name, name@version, or part of a SHA-256")
    diff.add_argument("new", metavar="B")
    for parser in (keep, activate):
        parser.add_argument("--note", metavar="TEXT", default="", help="why")
        parser.add_argument("--by", metavar="NAME", help="who does it (default: the workspace's person)")
    simulate.add_argument("--against", metavar="FILE|NAME", help="instead of the policy in force")
    simulate.add_argument("--lgd-pct", metavar="P", help="loss given default, percent of the amount")
    simulate.add_argument("--since", metavar="DATE", help="only cases received on that day or later (2026-01-31)")
    simulate.add_argument("--until", metavar="DATE", help="only cases received on that day or earlier")
    offers_parser = add(commands, "offers", "policies", "offers", "lay out amounts by terms: what fits, at what price")
    offers_parser.add_argument("case", metavar="CASE", help="id or reference")
    offers_parser.add_argument("--amount", metavar="A", action="append", default=[], help="instead of those proposed")
    offers_parser.add_argument("--term-months", metavar="N", type=int, action="append", default=[])
