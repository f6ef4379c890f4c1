"""The paper form: what a referral needs, from the clinical content that is in force."""

import html5lib
from django.test import Client

from support.status.reading import LastReading
from tests import status_readings
from tests.clinical_content import FIRST
from tests.pages import text_of


def words(client: Client, last: LastReading) -> str:
    with status_readings.shown(last):
        page = text_of(client.get("/status/paper-form/"))
    (body,) = html5lib.parse(page, namespaceHTMLElements=False).iter("body")
    return " ".join("".join(body.itertext()).split())


def test_it_has_the_conditions_and_for_whom_they_are(client: Client) -> None:
    page = words(client, LastReading(pack=FIRST))
    for pathway in FIRST.pathways:
        assert f"{pathway.name} ({pathway.who})" in page
    assert "Call 999 if the patient finds it hard to breathe; cannot swallow" in page
    assert f"not for a child under {FIRST.youngest}" in page
    assert FIRST.sign_off in page


def test_without_clinical_content_it_says_what_is_always_true(client: Client) -> None:
    page = words(client, LastReading())
    assert "Call 999 if the patient may be in danger" in page
    assert "A Pharmacy First condition, for the patient’s age and sex" in page
    assert "Do not enter it into PharmRefer later, unless the pharmacy asks for it" in page
