"""Rows about help. They stand here so that Django finds their models."""

from support.models import readings, regional_content, support_codes  # noqa: F401
