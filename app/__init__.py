"""Caseworth: the credit underwriter's desk."""

__version__ = "0.1.0"
