"""The outbox of e-mails, against a server that really takes them, refuses them or hangs."""

import logging
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts import mail
from accounts.encryption import CannotOpenError
from accounts.models import Mail
from tests import factories
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with (
        MailServer() as running,
        override_settings(
            EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=running.port, EMAIL_TIMEOUT=2
        ),
    ):
        yield running


def post(to: str = "jane@nhs.example", **more: object) -> Mail:
    person = factories.person(given_name="Zoë", family_name="O'Brien")
    mail.post(to, "password_changed", now=NOW, person=person, at=NOW, **more)
    return Mail.objects.latest("created_at")


def read(source: bytes) -> EmailMessage:
    message = message_from_bytes(source, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_is_sent_once_and_its_words_are_forgotten(server: MailServer) -> None:
    posted = post()
    assert (mail.send_due(now=NOW), mail.send_due(now=NOW + timedelta(days=1))) == (1, 0)
    (received,) = server.received()
    assert received.to == ["jane@nhs.example"]
    message = read(received.source)
    assert message["Subject"] == "Your PharmRefer password was changed"
    assert message["From"] == "PharmRefer <no-reply@pharmrefer.example>"
    assert message["Message-ID"] == f"<{posted.pk}@pharmrefer.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert "Hello Zoë," in text
    assert "&#39;" not in text
    posted.refresh_from_db()
    assert bytes(posted.sealed_words) == b""
    assert posted.sent_at == NOW


def test_a_name_with_an_apostrophe_is_written_as_it_is(server: MailServer) -> None:
    person = factories.person(given_name="Zoë")
    person.family_name = "O'Brien <b>"  # from before names were checked
    said: Any = {"person": person, "at": NOW, "count": 20, "tried": "codes", "hello": "Hello,"}
    mail.post("a@nhs.example", "colleague_stopped", now=NOW, **said)
    mail.send_due(now=NOW)
    message = read(server.received()[0].source)
    assert message["Subject"].strip() == "The PharmRefer account of Zoë O'Brien <b> was stopped"
    assert "Zoë O'Brien <b> (" in message.get_content()


def test_a_name_with_a_line_end_makes_no_header_of_its_own(server: MailServer) -> None:
    person = factories.person(family_name="X")
    person.given_name = "Zoë\nBcc: all@nhs.example"  # from before names were checked
    said: Any = {"person": person, "at": NOW, "count": 20, "tried": "codes", "hello": "Hello,"}
    mail.post("a@nhs.example", "colleague_stopped", now=NOW, **said)
    mail.send_due(now=NOW)
    (received,) = server.received()
    assert received.to == ["a@nhs.example"]
    assert read(received.source)["Bcc"] is None


def test_its_words_are_not_in_the_database() -> None:
    posted = post()
    assert b"Hello" not in bytes(posted.sealed_words)
    assert "Hello" in posted.read()[1]
    posted.to = "else@nhs.example"
    with pytest.raises(CannotOpenError):
        posted.read()


def test_what_is_undone_tells_nobody() -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_nothing_is_lost_while_no_server_answers(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    post()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with override_settings(EMAIL_PORT=closed.getsockname()[1]):
            now, waits = NOW, []
            for _ in range(9):
                assert mail.send_due(now=now) == 0
                then = Mail.objects.get().next_try_at
                assert then
                waits.append((then - now).total_seconds())
                assert mail.send_due(now=then - timedelta(seconds=1)) == 0
                now = then
    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]
    assert "jane" not in caplog.text
    assert "ConnectionRefusedError" in caplog.text
    assert mail.send_due(now=now) == 1
    assert len(server.received()) == 1


@pytest.mark.parametrize("reply", ["451 try later", "421 closing", "452 full"])
def test_a_server_that_is_busy_is_asked_again(server: MailServer, reply: str) -> None:
    post()
    server.answer_recipients(reply)
    assert mail.send_due(now=NOW) == 0
    server.answer_recipients("250 fine")
    assert mail.send_due(now=NOW + timedelta(minutes=1)) == 1


def test_an_address_that_is_refused_for_good_is_not_tried_again(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    posted = post()
    server.answer_recipients("550 no such jane@nhs.example")
    assert mail.send_due(now=NOW) == 0
    posted.refresh_from_db()
    assert (posted.next_try_at, posted.sent_at, bytes(posted.sealed_words)) == (None, None, b"")
    assert f"mail {posted.pk} was not sent: SMTPRecipientsRefused 550" in caplog.text
    assert "jane" not in caplog.text


def test_a_server_that_refuses_everything_is_asked_again(server: MailServer) -> None:
    """A wrong setting, not a wrong address."""
    post()
    server.answer_senders("530 log in first")
    assert mail.send_due(now=NOW) == 0
    server.answer_senders("250 fine")
    assert mail.send_due(now=NOW + timedelta(minutes=1)) == 1


@pytest.mark.timeout(30)
def test_a_server_that_hangs_is_not_waited_for(server: MailServer) -> None:
    post()
    server.hang()
    assert mail.send_due(now=NOW) == 0
    assert Mail.objects.get().next_try_at == NOW + timedelta(seconds=15)


def test_one_that_somebody_is_sending_is_left_alone() -> None:
    post()
    (claimed,) = mail._claim(now=NOW)
    assert mail._claim(now=NOW + timedelta(seconds=119)) == []
    (again,) = mail._claim(now=NOW + mail.LEASE)  # whoever was sending it has died
    assert (again.pk, again.tries) == (claimed.pk, 2)


def test_whoever_sends_beside_us_is_not_waited_for() -> None:
    """Else two workers would take turns instead of sharing."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute(
            'INSERT INTO accounts_mail (id, "to", sealed_words, created_at, tries, next_try_at)'
            " VALUES (gen_random_uuid(), 'a@nhs.example', '', now(), 0, %s)",
            [NOW],
        )
        try:
            with psycopg.connect(os.environ["DATABASE_URL"]) as busy:
                busy.execute("SELECT 1 FROM accounts_mail FOR UPDATE")
                assert mail._claim(now=NOW) == []
            (mine,) = mail._claim(now=NOW)
            assert mine.to == "a@nhs.example"
            transaction.set_rollback(True)
        finally:
            connection.close()  # with it goes our lock
            other.execute("DELETE FROM accounts_mail")


def test_what_is_of_no_use_any_more_is_not_sent(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    post(expires_at=NOW)
    assert mail.send_due(now=NOW) == 0
    assert server.received() == []
    assert bytes(Mail.objects.get().sealed_words) == b""
    assert "was of no use any more" in caplog.text


def test_one_that_fails_does_not_hold_up_the_others(server: MailServer) -> None:
    for name in ("a", "b", "c"):
        post(f"{name}@nhs.example")
    server.refuse("b@nhs.example")
    assert mail.send_due(now=NOW) == 2
    assert sorted(each.to[0] for each in server.received()) == ["a@nhs.example", "c@nhs.example"]


@pytest.mark.usefixtures("server")
def test_what_was_sent_long_ago_is_cleared_away() -> None:
    post()
    mail.forget_old(now=NOW + timedelta(days=31))
    assert Mail.objects.exists()  # not sent yet
    mail.send_due(now=NOW)
    mail.forget_old(now=NOW + timedelta(days=29))
    assert Mail.objects.exists()
    mail.forget_old(now=NOW + timedelta(days=30))
    assert not Mail.objects.exists()


@pytest.mark.usefixtures("server")
def test_its_log_is_quiet_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    post()
    mail.send_due(now=NOW)
    assert caplog.text == ""
