"""What machines are told."""

import os
from typing import Any

import pytest
from django.db import NotSupportedError, connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts import encryption
from accounts.models.sessions import Session
from pharmrefer import ready
from pharmrefer.logs import LineFormatter
from tests import factories


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
    newer = ready._migrations_in_code() | {("accounts", "9999_not_yet_run")}
    monkeypatch.setattr(ready, "_migrations_in_code", lambda: newer)
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


@pytest.mark.django_db
@pytest.mark.parametrize("number", [7, 1])
def test_not_ready_with_another_key_than_what_is_stored_was_sealed_with(
    client: Client, settings: Any, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    factories.authenticator(factories.person())
    key = encryption.sealing_key()
    settings.FIELD_KEYS = {number: os.urandom(32)}
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert f"key {key}" in response.content.decode()
    assert any(f"key {key}" in LineFormatter().format(record) for record in caplog.records)


@pytest.mark.django_db
def test_not_ready_where_the_database_answers_pages_otherwise(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise NotSupportedError("cached plan must not change result type")

    monkeypatch.setattr(type(Session.objects), "with_key", fail)
    response = client.get("/health/ready")
    assert (response.status_code, b"see the log" in response.content) == (503, True)
    assert any("NotSupportedError" in LineFormatter().format(each) for each in caplog.records)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["live", "ready"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "web", "_", "a b", "pharmrefer.example."])
def test_whatever_name_it_is_asked_by(client: Client, path: str, host: str) -> None:
    assert client.get(f"/health/{path}", headers={"host": host}).status_code == 200


def test_pages_are_asked_by_the_public_name_alone(client: Client) -> None:
    assert client.get("/log-in/", headers={"host": "10.0.0.7:8000"}).status_code == 400
