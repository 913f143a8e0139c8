"""PAdES B-B signatures (ETSI EN 319 142-1) on the report, and what they say when it is checked."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.ports import PdfSignature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

FIELD = "Decision"
_CONTAINER_BYTES = 8192  # room for the CMS object, which takes about 1,500


def sign_pdf(pdf: bytes, key: EllipticCurvePrivateKey, certificate: Certificate, *, at: datetime, reason: str) -> bytes:
    """Return the PDF with one invisible certifying signature that allows no further change.

    The same input gives the same bytes: ECDSA nonces follow RFC 6979, the document's second id follows from its
    content, and the time is ``at``.
    """
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signer = PdfSigner(metadata, signer=_cms_signer(key, certificate))
    return asyncio.run(_sign(signer, _writer(pdf), at))


async def _sign(signer: Any, writer: Any, at: datetime) -> bytes:
    """The steps of ``PdfSigner.sign_pdf`` with a time of our own."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    session = signer.init_signing_session(writer)
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=_CONTAINER_BYTES)
    digest, output = document.digest_tbs_document(output=io.BytesIO())
    await document.perform_signature(
        document_digest=digest.document_digest, pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at)
    )
    return bytes(output.getvalue())


def _writer(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.generic import ByteStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class UnchangedMetadata(IncrementalPdfFileWriter):
        """Adds the signature alone: another date in Info than in XMP, or PDF 2.0, would be against PDF/A-2."""

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """Keep the document's own version; nothing in a PAdES signature needs a later one."""

        def _update_meta(self) -> None:
            """Keep the document's own dates."""

    separate = pdf if pdf.endswith(b"\n") else pdf + b"\n"  # an object on the line of %%EOF would be a comment
    writer = UnchangedMetadata(io.BytesIO(separate))
    writer._document_id[1] = ByteStringObject(hashlib.sha256(pdf).digest()[:16])  # noqa: SLF001 (random otherwise)
    return writer


def _cms_signer(key: EllipticCurvePrivateKey, certificate: Certificate) -> Any:
    from asn1crypto import x509
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class DeterministicSigner(Signer):
        """ECDSA with SHA-256 and the nonces of RFC 6979."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            assert digest_algorithm == "sha256"
            return key.sign(data, ECDSA(SHA256(), deterministic_signing=True))

    own = x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register(own)
    return DeterministicSigner(signing_cert=own, cert_registry=registry)


def check_pdf(pdf: bytes) -> PdfSignature:
    """Say what the one signature of the report is worth; never raises, whatever the bytes are.

    The certificate is its own issuer: whether its key is to be trusted follows from the package's signature over the
    report, so no chain is looked for here.
    """
    try:
        return _status(pdf)
    except Exception as exc:  # noqa: BLE001 (the reader of hostile PDFs raises far more than its own errors)
        return PdfSignature(False, False, "", "", f"the PDF cannot be read: {type(exc).__name__}")


def _status(pdf: bytes) -> PdfSignature:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(signatures) != 1:
        return PdfSignature(False, False, "", "", f"the PDF carries {len(signatures)} signatures instead of one")
    embedded = signatures[0]
    own = embedded.signer_cert
    context = ValidationContext(trust_roots=[own], allow_fetching=False)
    status = validate_pdf_signature(embedded, signer_validation_context=context)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    subject = own.subject.native
    return PdfSignature(
        intact=bool(status.intact and whole),
        valid=bool(status.valid and status.docmdp_ok),
        person=str(subject.get("common_name", "")),
        key=str(subject.get("serial_number", "")),
        detail="" if status.intact and status.valid and whole else "the PDF was changed after it was signed",
    )
