"""What machines are told."""

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from pharmrefer import health


def test_alive_needs_no_database(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_ready_when_database_and_code_agree(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = health._migrations_in_code() | {("accounts", "9999_not_yet_run")}
    monkeypatch.setattr(health, "_migrations_in_code", lambda: newer)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.content == b"run manage.py migrate: 1 migrations are missing\n"


def test_not_ready_without_a_database(
    client: Client, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
        response = client.get("/health/ready")
        connection.close()
    assert response.status_code == 503
    assert b"does not answer" in response.content
