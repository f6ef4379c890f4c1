"""The outbox of e-mails, against a server that really takes them, refuses them or hangs."""

import itertools
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts import mail, notices, smtp
from accounts.encryption import CannotOpenError
from accounts.models.mail import Mail, Trouble
from accounts.models.people import User
from tests import factories
from tests.certificates import self_signed
from tests.mail_server import END_OF_DATA, GREETING, MailServer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SMTP = "accounts.smtp.EmailBackend"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with (
        MailServer() as running,
        override_settings(
            EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=running.port, EMAIL_TIMEOUT=2
        ),
    ):
        yield running


def post(to: str = "jane@nhs.example", *, expires_at: datetime | None = None) -> Mail:
    person = factories.person(given_name="Zoë", family_name="O'Brien")
    said = notices.words("password_changed", person=person, at=NOW)
    mail.post(to, said, now=NOW, expires_at=expires_at)
    return Mail.objects.get(to=to)


def send(*, at: datetime = NOW) -> int:
    """Send what is due, with a clock that stands still."""
    return mail.send_due(clock=lambda: at)


def read(source: bytes) -> EmailMessage:
    message = message_from_bytes(source, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_is_sent_once_and_its_words_are_forgotten(server: MailServer) -> None:
    posted = post()
    assert (send(), send(at=NOW + timedelta(days=1))) == (1, 0)
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
    about: Any = {"person": person, "at": NOW, "count": 20, "what": "codes", "hello": "Hello,"}
    mail.post("a@nhs.example", notices.words("colleague_locked", **about), now=NOW)
    send()
    message = read(server.received()[0].source)
    assert message["Subject"].strip() == "The PharmRefer account of Zoë O'Brien <b> was locked"
    assert "Zoë O'Brien <b> (" in message.get_content()


def test_a_name_with_a_line_end_makes_no_header_of_its_own(server: MailServer) -> None:
    person = factories.person(family_name="X")
    person.given_name = "Zoë\nBcc: all@nhs.example"  # from before names were checked
    about: Any = {"person": person, "at": NOW, "count": 20, "what": "codes", "hello": "Hello,"}
    mail.post("a@nhs.example", notices.words("colleague_locked", **about), now=NOW)
    send()
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
                assert send(at=now) == 0
                then = Mail.objects.get().next_try_at
                assert then
                waits.append((then - now).total_seconds())
                assert send(at=then - timedelta(seconds=1)) == 0
                now = then
    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]
    assert "jane" not in caplog.text
    assert "ConnectionRefusedError" in caplog.text
    assert send(at=now) == 1
    assert len(server.received()) == 1


NOT_FINAL = [
    # As a relay answers that was wrongly set for a minute, is full, or does not know us yet.
    *("451 4.7.1 Greylisted", "421 4.3.2 closing", "452 4.2.2 full", "450 4.1.1 not now"),
    *("500 what?", "503 bad sequence", "504 5.7.4 no", "530 5.7.0 log in first"),
    *("535 5.7.8 no", "552 5.2.2 full", "554 5.7.1 Relay access denied", "554 no"),
    *("550 5.7.1 Unable to relay", "550 no such jane@nhs.example", "550 5.1.2 bad domain"),
    *("553 5.1.8 sender", "550 5.1.11 odd", "550 5.1.1.1 odd", "550 Error 5.1.1", "551 5.7.1 no"),
]


@pytest.mark.parametrize(
    ("word", "reply"),
    [("RCPT", reply) for reply in NOT_FINAL]
    + [(word, reply) for word in ("MAIL", "DATA", END_OF_DATA) for reply in NOT_FINAL[::4]],
)
def test_what_may_pass_is_tried_again(server: MailServer, reply: str, word: str) -> None:
    posted = post()
    server.answer(word, reply)
    assert send() == 0
    posted.refresh_from_db()
    assert posted.next_try_at == NOW + timedelta(seconds=15)
    assert posted.trouble == (Trouble.BUSY if reply.startswith("4") else Trouble.REFUSED)
    server.be_well()
    assert send(at=NOW + timedelta(minutes=1)) == 1
    posted.refresh_from_db()
    assert posted.trouble == ""


@pytest.mark.parametrize("word", [GREETING, "EHLO", "QUIT"])
@pytest.mark.parametrize("reply", ["554 5.7.1 no", "550 5.1.1 no", "421 busy", "nonsense"])
def test_what_the_server_says_before_and_after_is_not_about_the_address(
    server: MailServer, word: str, reply: str
) -> None:
    post()
    server.answer(word, reply)
    server.answer("HELO", reply)
    is_sent = word == "QUIT"  # by then it is
    assert send() == is_sent
    server.be_well()
    assert send(at=NOW + timedelta(minutes=1)) == (not is_sent)
    assert len(server.received()) == 1


@pytest.mark.parametrize("word", ["RCPT", END_OF_DATA])
@pytest.mark.parametrize(
    "reply",
    [
        *("550 5.1.1 no such jane@nhs.example", "550-5.1.1 The\r\n550 5.1.1 account", "553 5.1.3"),
        *("551 5.1.6 moved", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "556 5.1.10 null MX"),
    ],
)
def test_an_address_that_does_not_exist_is_not_tried_again(
    server: MailServer, reply: str, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    posted = post()
    server.answer(word, reply)
    assert send() == 0
    posted.refresh_from_db()
    assert (posted.next_try_at, posted.sent_at, bytes(posted.sealed_words)) == (None, None, b"")
    assert posted.trouble == Trouble.NO_SUCH_ADDRESS
    assert f"mail {posted.pk} was not sent: SMTP" in caplog.text
    assert f" {reply[:3]} 5.1." in caplog.text
    assert "jane" not in caplog.text


def test_a_sender_that_does_not_exist_is_no_fault_of_the_address(server: MailServer) -> None:
    post()
    server.answer("MAIL", "550 5.1.1 no such sender")
    assert send() == 0
    server.be_well()
    assert send(at=NOW + timedelta(minutes=1)) == 1


@pytest.mark.parametrize("word", [GREETING, "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_drops_is_made_again(server: MailServer, word: str) -> None:
    posted = post()
    server.drops.add(word)
    assert send() == 0
    posted.refresh_from_db()
    assert posted.trouble == Trouble.NO_ANSWER
    server.be_well()
    assert send(at=NOW + timedelta(minutes=1)) == 1


def test_one_that_the_server_may_have_taken_is_tried_again_seldom(server: MailServer) -> None:
    """Each time the server may have taken it once more."""
    posted, now, waits = post(), NOW, []
    server.drops.add(END_OF_DATA)
    for _ in range(8):
        assert send(at=now) == 0
        posted.refresh_from_db()
        assert posted.next_try_at
        waits.append((posted.next_try_at - now).total_seconds() / 60)
        now = posted.next_try_at
    assert waits == [10, 20, 40, 80, 160, 320, 360, 360]
    assert posted.trouble == Trouble.UNSURE
    assert {read(each.source)["Message-ID"] for each in server.received()} == {
        f"<{posted.pk}@pharmrefer.example>"
    }


def test_it_is_tried_until_its_link_ends_or_for_three_days(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer("RCPT", "550 5.7.1 Unable to relay")
    ends = NOW + timedelta(hours=24)
    notices.account_unlocked(factories.person(), "k" * 20, until=ends, now=NOW)
    linked, plain = Mail.objects.get(), post("plain@nhs.example")
    for mailed, last in ((linked, ends), (plain, NOW + timedelta(hours=72))):
        Mail.objects.exclude(pk=mailed.pk).update(next_try_at=None)
        Mail.objects.filter(pk=mailed.pk).update(next_try_at=NOW)
        assert send(at=last - timedelta(seconds=1)) == 0
        mailed.refresh_from_db()
        assert mailed.next_try_at
        assert bytes(mailed.sealed_words)
        assert send(at=last + timedelta(hours=1)) == 0
        mailed.refresh_from_db()
        assert mailed.sent_at is None
        assert bytes(mailed.sealed_words) == b""
        assert not Mail.objects.filter(pk=mailed.pk, next_try_at__isnull=False).exists()
        assert mailed.trouble == Trouble.REFUSED  # still says why
    assert "was of no use any more" in caplog.text


def test_what_an_earlier_version_has_stored_without_an_end_has_one(server: MailServer) -> None:
    server.answer("RCPT", "550 no")
    posted = post()
    Mail.objects.update(expires_at=None)
    send(at=NOW + timedelta(hours=71))
    posted.refresh_from_db()
    assert posted.next_try_at
    send(at=NOW + timedelta(hours=73))
    posted.refresh_from_db()
    assert posted.next_try_at is None


@pytest.mark.timeout(30)
def test_a_server_that_hangs_is_not_waited_for(server: MailServer) -> None:
    post()
    server.hang()
    assert send() == 0
    assert Mail.objects.get().next_try_at == NOW + timedelta(seconds=15)


@pytest.mark.parametrize("word", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", END_OF_DATA])
@pytest.mark.parametrize("drip", [b"2", b"250-more\r\n"])
def test_a_server_that_drips_ends_in_time(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, word: str, drip: bytes
) -> None:
    """Each byte, or each line of an endless answer, comes well within the timeout of a step."""
    monkeypatch.setattr(smtp, "WITHIN", 0.5)
    monkeypatch.setattr(mail, "Deadline", lambda alive: smtp.Deadline(0.5, alive))
    post()
    server.drips[word] = drip
    started = time.monotonic()
    assert send() == 0
    assert time.monotonic() - started < 1.5
    assert Mail.objects.get().next_try_at


def test_an_endless_answer_does_not_fill_the_memory(server: MailServer) -> None:
    post()
    server.drips["EHLO"] = b"250-more\r\n" * 100_000
    started = time.monotonic()
    assert send() == 0
    assert time.monotonic() - started < 1.5


def test_a_lease_is_longer_than_any_attempt() -> None:
    assert timedelta(seconds=2 * smtp.WITHIN) <= mail.LEASE
    assert settings.EMAIL_TIMEOUT < smtp.WITHIN


def test_a_server_that_is_slow_to_take_it_is_given_more_time_than_for_a_step(
    server: MailServer,
) -> None:
    """It will send what it was given: who does not wait for its answer sends it again."""
    post()
    server.dawdles[END_OF_DATA] = 1.0
    with override_settings(EMAIL_TIMEOUT=0.5):
        assert send() == 1
        server.dawdles = {"RCPT": 1.0}
        post("other@nhs.example")
        assert send() == 0
    assert len(server.received()) == 1


def test_who_waits_for_a_server_shows_that_they_are_there(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ALIVE_EVERY", 0.1)
    post()
    server.dawdles[END_OF_DATA] = 0.6
    seen: list[float] = []
    mail.send_due(clock=lambda: NOW, alive=lambda: seen.append(time.monotonic()))
    assert max(later - one for one, later in itertools.pairwise(seen)) < 0.3


def test_it_says_who_we_are_and_not_what_the_machine_is_called(server: MailServer) -> None:
    post()
    send()
    assert server.greeted == ["pharmrefer.example"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://pharmrefer.nhs.example:8443", "pharmrefer.nhs.example"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_name_is_what_smtp_allows(url: str, name: str) -> None:
    with override_settings(PUBLIC_URL=urlsplit(url)):
        assert smtp.our_name() == name


@pytest.mark.parametrize("begins_plain", [False, True])
def test_it_is_sent_over_tls_to_who_can_prove_who_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins_plain: bool
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with MailServer(tls=context, begins_plain=begins_plain) as running:
        how = {"EMAIL_USE_TLS": begins_plain, "EMAIL_USE_SSL": not begins_plain}
        where = {"EMAIL_HOST": "localhost", "EMAIL_PORT": running.port, "EMAIL_TIMEOUT": 2}
        with override_settings(EMAIL_BACKEND=SMTP, **how, **where):
            posted = post()
            assert send() == 0  # nobody has signed the certificate
            posted.refresh_from_db()
            assert posted.trouble == Trouble.NO_ANSWER
            assert running.received() == []
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert send(at=NOW + timedelta(minutes=1)) == 1
    assert set(running.greeted) == {"pharmrefer.example"}


@pytest.mark.usefixtures("server")
def test_a_server_without_the_tls_that_we_were_told_of_gets_nothing() -> None:
    posted = post()
    with override_settings(EMAIL_USE_TLS=True):
        assert send() == 0
    posted.refresh_from_db()
    assert posted.trouble == Trouble.REFUSED
    assert send(at=NOW + timedelta(minutes=1)) == 1


def test_a_password_that_is_not_accepted_is_a_setting_and_no_address(server: MailServer) -> None:
    posted = post()
    server.answer("EHLO", "250-here\r\n250 AUTH PLAIN")
    server.answer("AUTH", "535 5.7.8 no")
    with override_settings(EMAIL_HOST_USER="us", EMAIL_HOST_PASSWORD="secret"):
        assert send() == 0
    posted.refresh_from_db()
    assert posted.trouble == Trouble.REFUSED
    assert send(at=NOW + timedelta(minutes=1)) == 1


def test_one_whose_words_cannot_be_read_holds_up_no_other(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    odd = post()
    Mail.objects.update(to="jo@nhs.example")
    post("b@nhs.example")
    assert send() == 1
    odd.refresh_from_db()
    assert (odd.trouble, odd.next_try_at) == (Trouble.OUR_FAULT, NOW + timedelta(seconds=15))
    assert "CannotOpenError" in caplog.text
    assert [each.to for each in server.received()] == [["b@nhs.example"]]


def test_several_senders_beside_a_slow_server_send_each_once(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease for each, taken just before it is tried: all of them together take many leases."""
    monkeypatch.setattr(mail, "LEASE", timedelta(seconds=0.8))
    server.dawdles[END_OF_DATA] = 0.25

    def alone(work: Callable[[], Any]) -> Any:
        """Work in a thread, with a connection of its own, which commits."""
        try:
            return work()
        finally:
            connection.close()

    def fill() -> None:
        for number in range(12):
            person = User(given_name="Jo", email=f"{number}@nhs.example")
            notices.password_changed(person, now=timezone.now())

    with ThreadPoolExecutor(2) as pool:
        pool.submit(alone, fill).result()
        try:
            begun = [pool.submit(alone, mail.send_due)]
            time.sleep(0.12)  # so that one looks for more while the other is in the middle of one
            begun.append(pool.submit(alone, mail.send_due))
            sent = [future.result() for future in begun]
        finally:
            pool.submit(alone, Mail.objects.all().delete).result()
    assert sum(sent) == 12
    assert min(sent) > 2  # they share
    assert len({each.to[0] for each in server.received()}) == len(server.received()) == 12


def test_the_database_s_clock_counts() -> None:
    assert abs(mail.database_clock() - timezone.now()) < timedelta(minutes=1)
    post(expires_at=timezone.now() + timedelta(minutes=1))
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        assert mail.send_due() == 1


def test_who_comes_to_the_rescue_takes_what_others_should_have_sent() -> None:
    post()
    now = NOW + mail.OVERDUE_AFTER
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        early = now - timedelta(seconds=1)
        assert mail.send_due(clock=lambda: early, overdue=True) == 0
        assert mail.send_due(clock=lambda: now, overdue=True) == 1


def test_a_failure_that_comes_late_undoes_nothing(server: MailServer) -> None:
    """Another worker has taken it meanwhile, and sent it."""
    post()
    stale = mail._claim(now=NOW)
    assert stale
    later = NOW + mail.LEASE
    assert send(at=later) == 1
    mail._fail(stale, OSError(), now=later)
    mail._end(stale, Trouble.NO_SUCH_ADDRESS)
    row = Mail.objects.get()
    assert (row.sent_at, row.next_try_at, row.trouble) == (later, None, "")
    assert len(server.received()) == 1


def test_one_that_a_user_is_sending_is_left_alone() -> None:
    post()
    claimed = mail._claim(now=NOW)
    assert mail._claim(now=NOW + mail.LEASE - timedelta(seconds=1)) is None
    again = mail._claim(now=NOW + mail.LEASE)  # the worker that was sending it has died
    assert claimed
    assert again
    assert (again.pk, again.tries) == (claimed.pk, 2)


def test_who_sends_beside_us_is_not_waited_for() -> None:
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
                assert mail._claim(now=NOW) is None
            mine = mail._claim(now=NOW)
            assert mine
            assert mine.to == "a@nhs.example"
            transaction.set_rollback(True)
        finally:
            connection.close()  # with it goes our lock
            other.execute("DELETE FROM accounts_mail")


def test_what_is_of_no_use_any_more_is_not_sent(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    post(expires_at=NOW)
    assert send() == 0
    assert server.received() == []
    assert bytes(Mail.objects.get().sealed_words) == b""
    assert "was of no use any more" in caplog.text


def test_one_that_fails_does_not_hold_up_the_others(server: MailServer) -> None:
    for name in ("a", "b", "c"):
        post(f"{name}@nhs.example")
    server.refuse("b@nhs.example")
    assert send() == 2
    assert sorted(each.to[0] for each in server.received()) == ["a@nhs.example", "c@nhs.example"]


@pytest.mark.usefixtures("server")
def test_what_was_sent_long_ago_is_cleared_away() -> None:
    post()
    mail.forget_old(now=NOW + timedelta(days=31))
    assert Mail.objects.exists()  # not sent yet
    send()
    mail.forget_old(now=NOW + timedelta(days=29))
    assert Mail.objects.exists()
    mail.forget_old(now=NOW + timedelta(days=30))
    assert not Mail.objects.exists()


@pytest.mark.usefixtures("server")
def test_its_log_is_quiet_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    post()
    send()
    assert caplog.text == ""
