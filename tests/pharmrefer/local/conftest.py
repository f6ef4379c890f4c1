"""Fixtures for the local servers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pharmrefer.local.privilege import private_folder


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder that PostgreSQL may use, whoever runs the tests, short enough for sockets."""
    folder = private_folder()
    yield folder
    shutil.rmtree(folder)
