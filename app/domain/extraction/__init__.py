"""Fields of documents: candidates from labels, tables, patterns and check digits; the best of each field wins."""

from app.domain.extraction.fields import candidates_of, extract, fields_of, unread_values

__all__ = ["candidates_of", "extract", "fields_of", "unread_values"]
