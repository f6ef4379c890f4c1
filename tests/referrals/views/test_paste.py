"""Filling in from the clinical system: an answer to the page's script, and nothing left behind."""

import logging
import uuid
from dataclasses import asdict
from typing import Any

import pytest
from django.db import connection
from django.template import engines
from django.test import Client
from django.utils import timezone

from accounts.models.audit import AuditEvent
from accounts.models.people import Membership
from referrals.completeness import TEXTS
from referrals.details import Details
from referrals.models.access_log import AccessLogEntry
from referrals.models.referrals import Referral
from referrals.paste import filled
from referrals.views.paste import OPTIONAL, found_in
from tests import factories
from tests.pages import would_send

pytestmark = pytest.mark.django_db

BANNER = "ASHWORTH, Winifred (Mrs) Born 15-Mar-1984 Gender Female NHS No. 999 000 0018 TS18 1AB"
FILLED = {
    "given_name": "Winifred",
    "family_name": "Ashworth",
    "nhs_number": "999 000 0018",
    "birth_day": "15",
    "birth_month": "3",
    "birth_year": "1984",
    "sex": "female",
    "postcode": "TS18 1AB",
}


@pytest.fixture
def address() -> str:
    return f"/referrals/{uuid.uuid4()}/paste/"


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


@pytest.mark.usefixtures("by")
def test_the_script_gets_fields_and_words(client: Client, address: str) -> None:
    answer = client.post(address, {"banner": BANNER, "given_name": ""})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "fields": FILLED,
        "said": (
            "We filled in 5 answers: name, NHS number, date of birth, sex and postcode. Check them "
            "against your clinical system. Not found: phone number."
        ),
        "refused": False,
    }


@pytest.mark.usefixtures("by")
def test_what_is_typed_already_is_left_alone_or_refused(client: Client, address: str) -> None:
    typed = {"banner": BANNER, "postcode": "EX1 1AA", "sex": "female"}
    answer = client.post(address, typed).json()
    assert answer["fields"] == {
        name: text for name, text in FILLED.items() if name not in {"postcode", "sex"}
    }
    answer = client.post(address, typed | {"nhs_number": "999 000 0026"}).json()
    assert (answer["fields"], answer["refused"]) == ({}, True)
    assert "has another NHS number than this page" in answer["said"]


def test_nothing_is_stored_and_nothing_is_logged(
    client: Client,
    by: Membership,
    address: str,
    caplog: pytest.LogCaptureFixture,
    django_assert_num_queries: Any,
) -> None:
    draft = factories.draft(by=by)
    before = Referral.objects.values_list().get(), AuditEvent.objects.count()
    before_that = AccessLogEntry.objects.count()
    with caplog.at_level(logging.DEBUG), django_assert_num_queries(1) as asked:  # the session
        client.post(f"/referrals/{draft.pk}/paste/", {"banner": BANNER.replace("1984", "1983")})
    assert (Referral.objects.values_list().get(), AuditEvent.objects.count()) == before
    assert AccessLogEntry.objects.count() == before_that
    for leak in ("ASHWORTH", "Ashworth", "999 000 0018", "9990000018", "1983"):
        assert leak not in caplog.text
        assert not any(leak in each["sql"] for each in asked.captured_queries)
    assert client.post(address, {"banner": BANNER}).status_code == 200
    assert Referral.objects.count() == 1


def test_it_is_never_part_of_a_draft(client: Client, by: Membership) -> None:
    assert "banner" not in asdict(Details())
    address = f"/referrals/{uuid.uuid4()}/edit/"
    client.post(address, {"banner": "SECRET BANNER", "given_name": "Winifred"})
    [draft] = Referral.objects.filter(author=by.user)
    assert b"SECRET" not in draft.details.to_json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM referrals_referral r WHERE r::text LIKE '%SECRET%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("by")
def test_it_takes_a_post_with_the_page_s_token_only(
    client: Client, strict: Client, address: str
) -> None:
    assert client.get(address).status_code == 405
    factories.sign_in(strict, factories.member().user)
    assert strict.post(address, {"banner": BANNER}).status_code == 403


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800", "NHS No", "9" * 1_000_000, "\u202eASHWORTH, Winifred (Mrs)", "🧑 👩‍⚕️"],
)
@pytest.mark.usefixtures("by")
def test_odd_text_gets_words_and_never_an_error(client: Client, address: str, text: str) -> None:
    encoded = {"banner": [text.encode("utf-8", "surrogatepass")]}
    answer = client.post(address, encoded)
    assert answer.status_code == 200
    assert answer.json()["said"]


@pytest.mark.usefixtures("by")
def test_ten_megabytes_are_refused(client: Client, address: str) -> None:
    assert client.post(address, {"banner": "9" * 10_000_000}).status_code == 413


class TestTheBox:
    """A part of the page, which works without JavaScript too."""

    def shown(self, **context: Any) -> str:
        engine: Any = engines["jinja2"]
        template = engine.env.get_template("referrals/paste_box.html")
        return str(template.render(referral_id=uuid.uuid4(), optional_fields=OPTIONAL, **context))

    def test_it_is_empty_whatever_was_pasted_and_says_what_was_done(self) -> None:
        assert self.shown(pasted=None).count("We filled in") == 0
        found = filled({"banner": BANNER}, today=timezone.localdate())
        page = self.shown(pasted=found)
        assert "We filled in 5 answers" in page
        assert "ASHWORTH" not in page
        assert would_send(page)["banner"] is None
        wrong = filled({"banner": "NHS No 999 000 0081"}, today=timezone.localdate())
        assert '<p class="nhsuk-error-message" id="banner-said"' in self.shown(pasted=wrong)

    @pytest.mark.parametrize("text", ["", " \n", None])
    def test_an_empty_one_asks_for_nothing(self, text: str | None) -> None:
        assert found_in({} if text is None else {"banner": text}) is None
        found = found_in({"banner": BANNER, "town": "Saltby"})
        assert found
        assert found.fields == {name: FILLED[name] for name in FILLED if name != "postcode"}

    def test_browsers_neither_complete_nor_check_nor_keep_it(self) -> None:
        assert 'autocomplete="off" autocapitalize="none" spellcheck="false"' in self.shown(
            pasted=None
        )

    def test_the_keyboard_stops_where_an_answer_is_needed(self) -> None:
        optional = set(OPTIONAL.split())
        needed = {name for name, rule in TEXTS.items() if rule.if_empty}
        assert not needed & optional
        assert not {"birth_day", "birth_month", "birth_year", "sex", "contact_name"} & optional
        assert {"nhs_number", "address_line_2", "best_time", "search"} <= optional
