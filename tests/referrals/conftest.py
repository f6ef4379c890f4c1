"""A receiving pharmacy system in its own process, for whatever sends."""

from collections.abc import Iterator

import pytest

from tests.pharmacy_system import PharmacySystem


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PharmacySystem]:
    """Start it once."""
    system = PharmacySystem(tmp_path_factory.mktemp("pharmacy"))
    system.start()
    yield system
    system.stop()


@pytest.fixture
def system(running_system: PharmacySystem) -> PharmacySystem:
    """The system, behaving normally."""
    running_system.told("normal")
    return running_system
