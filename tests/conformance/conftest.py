"""Tests against real data and official examples, which are not part of the project."""

from pathlib import Path

import pytest

from tests.plugin import SHARED


@pytest.fixture
def shared() -> Path:
    """The folder with them, beside the project's."""
    return SHARED
