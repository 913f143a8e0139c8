"""The cryptography behind ``verify_package``; meets ``ports.PackageChecker``."""

from __future__ import annotations

from app.ports import PdfSignature


class PackageChecker:
    """Checks Ed25519 and PAdES signatures; imports what it needs only when asked."""

    def signature_holds(self, public_key_pem: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the Ed25519 signature is that key's over that message; False on anything malformed."""
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            key = load_pem_public_key(public_key_pem)
            if not isinstance(key, Ed25519PublicKey):
                return False
            key.verify(signature, message)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    def pdf_signature(self, pdf: bytes) -> PdfSignature:
        """What the report's own signature says."""
        from app.adapters.pades import check_pdf

        return check_pdf(pdf)
