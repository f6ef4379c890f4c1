"""Rows about help. They stand here so that Django finds their models."""

from support.models import readings, regional_content  # noqa: F401
