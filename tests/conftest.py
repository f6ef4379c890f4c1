"""Fixtures that every test may use."""

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session", autouse=True)
def _collected_static_files() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate the run's own database as its owner; tests use it as the application."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)


@pytest.fixture
def client() -> Client:
    """A browser as it comes through the proxy, over https."""
    return Client(headers={"x-forwarded-proto": "https"})
