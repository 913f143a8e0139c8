"""Why a line of a statement is of its class, in a word that a person can check on the line itself."""

from __future__ import annotations

from dataclasses import replace

from app.domain.transactions.ledger import INSTALMENT, OWN, SALARY, Line
from app.domain.transactions.rules import OTHERS, Rules
from app.domain.transactions.words import names


class Grounds:
    """The rule behind each line: ``word: miete``, ``employer``, ``recurring``, ``lender``, ``own account``, or "".

    ``employer`` is the applicant's, as the case states it.
    """

    def __init__(self, rules: Rules, employer: str = "") -> None:
        self._rules = rules
        self._employer = employer
        self._alone: dict[tuple[str, str], Rules] = {}

    def of(self, line: Line) -> str:
        """The rule by which the line has its class; "" where none fits and it is among the others."""
        if line.purpose in OTHERS:
            return ""
        text = line.entry.text
        if (word := self._word(line.purpose, text)) and self._rules.purpose(text, line.entry.amount) == line.purpose:
            return f"word: {word}"
        if line.purpose == SALARY:
            return "employer" if self._employer and names(text, self._employer) else "recurring"
        return {INSTALMENT: "lender", OWN: "own account"}.get(line.purpose, "")

    def _word(self, purpose: str, text: str) -> str | None:
        """The first word of the class that stands in the text."""
        if not self._rules.marks(purpose, text):
            return None
        return next((word for word in self._rules[purpose].words if self._stands(purpose, word, text)), None)

    def _stands(self, purpose: str, word: str, text: str) -> bool:
        key = (purpose, word)
        if key not in self._alone:
            self._alone[key] = Rules((replace(self._rules[purpose], words=(word,), against=frozenset()),))
        return self._alone[key].marks(purpose, text)
