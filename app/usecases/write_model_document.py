"""Write the model document of a scorecard: one signed PDF that tells what it is, rests on and is watched by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol

from app.domain.facts import Catalogue
from app.domain.package import Signer as NamedSigner
from app.domain.package import key_id
from app.domain.scorecard import Scorecard
from app.errors import EnvironmentFault, InputError
from app.ports import Clock, Signer

LANGUAGES = ("en", "zh")


class ModelRenderer(Protocol):
    def model_pdf(self, data: Mapping[str, Any]) -> bytes:
        """The same data gives the same bytes."""


@dataclass(frozen=True, slots=True)
class WriteModelDocument:
    scorecard: Scorecard
    out: Path
    language: str = "en"
    entry: Mapping[str, Any] | None = None  # of the register: person, approval
    monitoring: Mapping[str, Any] | None = None  # MonitoringReport.to_json()


@dataclass(frozen=True, slots=True)
class ModelDocument:
    """What was written."""

    scorecard: Scorecard
    path: Path
    size: int  # bytes
    sha256: str
    signer: NamedSigner
    language: str
    monitored: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "scorecard": self.scorecard.name,
            "version": self.scorecard.version,
            "scorecard_sha256": self.scorecard.sha256,
            "path": str(self.path),
            "size": self.size,
            "sha256": self.sha256,
            "language": self.language,
            "monitored": self.monitored,
            "signer": self.signer.to_json(),
        }


def write_model_document(
    cmd: WriteModelDocument, signer: Signer, renderer: ModelRenderer, catalogue: Catalogue, *, clock: Clock
) -> ModelDocument:
    """Typeset, sign (PAdES) and write the PDF; the same scorecard at the same time gives the same bytes.

    Raises ``InputError`` for a language there is none of, ``EnvironmentFault`` when the file cannot be written.
    """
    if cmd.language not in LANGUAGES:
        raise InputError("language", f"There is no model document in {cmd.language!r}.", remedy="Give en or zh.")
    at = clock.now().astimezone(UTC).replace(microsecond=0)
    signed_by = NamedSigner(signer.person, signer.role, key_id(signer.public_key_pem()))
    data = {
        "language": cmd.language,
        "scorecard": cmd.scorecard.document,
        "sha256": cmd.scorecard.sha256,
        "entry": cmd.entry,
        "monitoring": cmd.monitoring,
        "labels": _labels(cmd.scorecard, catalogue),
        "written_at": at.isoformat(),
        "signer": signed_by.to_json(),
    }
    reason = f"{cmd.scorecard.name} {cmd.scorecard.version}"
    pdf = signer.sign_pdf(renderer.model_pdf(data), at=at, reason=reason)
    try:
        cmd.out.write_bytes(pdf)
    except OSError as exc:
        raise EnvironmentFault(
            f"The model document could not be written to {cmd.out}: {exc.strerror or exc}.",
            remedy="Free some space there, or choose another file.",
        ) from exc
    digest = hashlib.sha256(pdf).hexdigest()
    monitored = cmd.monitoring is not None
    return ModelDocument(cmd.scorecard, cmd.out, len(pdf), digest, signed_by, cmd.language, monitored)


def _labels(card: Scorecard, catalogue: Catalogue) -> dict[str, Any]:
    """Labels of every fact the document may name, and of their categories, by language."""
    told = {definition.name for definition in catalogue}
    named = {*card.names, *(row.name for row in (*card.excluded, *card.proxies))} | told
    return {
        name: {
            **catalogue[name].label,
            "categories": {key: dict(v) for key, v in catalogue[name].category_labels.items()},
        }
        for name in sorted(named & told)
    }
