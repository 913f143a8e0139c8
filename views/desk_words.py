"""What the top bar says of the desk: which model words the reports, and who works here with which authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from views.strings import has_text, tr


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Texts of the pills and of their tool tips."""

    model: str
    model_why: str
    person: str
    person_why: str


def role_name(role: str) -> str:
    """A role in words: its text, else its name in the policy made readable."""
    key = f"role.{role}"
    return tr(key) if has_text(key) else role.replace("_", " ").replace("-", " ").capitalize()


def read_desk_words(desk: Any, wanted_model: str, language: str) -> DeskWords:
    """Ask the desk; for the read lane, since it may look at files."""
    person, role = desk.person, role_name(desk.role)
    return DeskWords(
        model=tr("top.no_model"),
        model_why=tr("top.no_model_why"),
        person=tr("top.person_alone", name=person, role=role),
        person_why=tr("top.person_why", name=person, role=role),
    )
