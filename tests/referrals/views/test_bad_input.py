"""Whatever is typed into the form gets words beside its field, and never an error page."""

import re
import uuid
from dataclasses import asdict
from datetime import timedelta
from html import unescape

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from referrals.completeness import OLDEST, ONE_NAME, TEXTS
from referrals.models.referrals import Referral
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db

BOXES = ("birth_day", "birth_month", "birth_year")
NAMES = ("given_name", "family_name")
LINK = re.compile(r'<li><a href="#id_(\w+)">(.*?)</a></li>')


@pytest.fixture(autouse=True)
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


@pytest.fixture
def address() -> str:
    return f"/referrals/{uuid.uuid4()}/edit/"


def complaints(client: Client, address: str, **changes: str) -> dict[str, str]:
    """Return what the page says of each field that it finds wrong."""
    whole = asdict(factories.details(pharmacy=factories.pharmacy().ods_code)) | changes
    typed = {name: text for name, text in whole.items() if isinstance(text, str)}
    encoded = {name: [text.encode("utf-8", "surrogatepass")] for name, text in typed.items()}
    response = client.post(address, encoded)
    assert response.status_code in {302, 422}
    page = text_of(response) if response.status_code == 422 else ""
    return {name: unescape(said) for name, said in LINK.findall(page)}


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    "name",
    [
        *("W", "x" * 100, "Zoë", "Núñez", "Łukasz", "Nguyễn", "Zoe\u0308", "O'Dea", "O\u2019Dea"),
        *("D`Arcy", "Smith-Jones", "van der Berg", "St. John", "محمد", "דוד", "李", "Александра"),
        *("Henry 8th", "Zoë \U0001f600", "\u202eWinifred\u202c", " Winifred ", "Winifred\t"),
    ],
)
def test_a_name_is_taken_as_people_write_theirs(
    client: Client, address: str, field: str, name: str
) -> None:
    assert field not in complaints(client, address, **{field: name})
    kept = getattr(Referral.objects.get().details, field)
    assert kept
    assert not set(kept) & {"\u202e", "\u202c", "\t"}
    assert kept == kept.strip()


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 200, "name must be 100 characters or fewer"),
        ("", ONE_NAME),  # one name only: what to do about it
        ("-", ONE_NAME),
        ("\U0001f600", ONE_NAME),
        ("\u200b\u2060", ONE_NAME),
        ("\x00", ONE_NAME),
        ("1234", ONE_NAME),
    ],
)
def test_what_is_no_name_is_explained(
    client: Client, address: str, field: str, name: str, said: str
) -> None:
    assert said in complaints(client, address, **{field: name})[field]


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        (("29", "2", "2023"), "February 2023 has 28 days"),
        (("29", "2", "1900"), "February 1900 has 28 days"),
        (("31", "4", "1984"), "April 1984 has 30 days"),
        (("0", "1", "1984"), "must be a number from 1 to 31"),
        (("32", "1", "1984"), "must be a number from 1 to 31"),
        (("-1", "1", "1984"), "must be a number from 1 to 31"),
        (("1", "13", "1984"), "must be a number from 1 to 12 or a name"),
        (("1", "0", "1984"), "must be a number from 1 to 12 or a name"),
        (("1", "1", "0000"), "must be 4 digits"),
        (("1", "1", "19840"), "must be 4 digits"),
        (("1", "1", "84"), "must be 4 digits"),
        (("\u00b2", "1", "1984"), "must be a number from 1 to 31"),
        (("\u0661", "1", "1984"), "must be a number from 1 to 31"),
        (("\U0001f600", "\x00", "x" * 100_000), "must"),
        (("", "", ""), "Enter the patient's date of birth"),
        (("31/02/1984", "", ""), "February 1984 has 29 days"),
    ],
)
def test_a_day_that_cannot_be_is_said_beside_a_box(
    client: Client, address: str, boxes: tuple[str, ...], said: str
) -> None:
    found = complaints(client, address, **dict(zip(BOXES, boxes, strict=True)))
    assert any(said in found.get(box, "") for box in BOXES), found


@pytest.mark.parametrize("days", [1, 365])
def test_a_birth_to_come_is_refused(client: Client, address: str, days: int) -> None:
    born = timezone.localdate() + timedelta(days=days + 1)  # whatever the time is
    boxes = dict(zip(BOXES, (str(born.day), str(born.month), str(born.year)), strict=True))
    at = "birth_day" if born.year == timezone.localdate().year else "birth_year"
    assert complaints(client, address, **boxes)[at] == "Date of birth must be in the past"


@pytest.mark.parametrize(("more", "is_taken"), [(0, True), (1, False), (700, False)])
def test_nobody_is_older_than_anybody_was(
    client: Client, address: str, more: int, is_taken: bool
) -> None:
    year = timezone.localdate().year - OLDEST - more
    found = complaints(client, address, birth_year=str(year))
    words = "Date of birth is too long ago. Check the year"
    assert (found.get("birth_year") != words) is is_taken


@pytest.mark.parametrize(
    "boxes", [("29", "2", "2024"), ("29", "Feb", "1984"), ("29.2.1984", "", "")]
)
def test_the_29th_of_february_is_taken_where_it_exists(
    client: Client, address: str, boxes: tuple[str, ...]
) -> None:
    found = complaints(client, address, **dict(zip(BOXES, boxes, strict=True)))
    assert not found.keys() & set(BOXES)


@pytest.mark.parametrize(
    "postcode",
    [
        *("M1 1AA", "M60 1NW", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "ZZ99 3VZ"),
        *("ts181ab", "  TS18   1AB ", "TS18-1AB", "TS18\u00a01AB", "TS18 1AB.", "TS18 1AB, UK"),
        *("TS18 IAB", "\uff34\uff3318 1AB", "T S 1 8 1 A B", "TS18\t1AB"),
    ],
)
def test_a_postcode_is_taken_however_it_is_written(
    client: Client, address: str, postcode: str
) -> None:
    assert "postcode" not in complaints(client, address, postcode=postcode)


@pytest.mark.parametrize(
    "postcode",
    [
        *("TS18", "1AB", "1AB TS18", "QQ1 1AA", "TS18 1CI", "Westmere", "12345", "75001", "\x00"),
        *("TS18 1AB EX1 1AA", "\U0001f600", "<b>TS18 1AB</b>", "TS18 1AB" * 100, "\u200b", "?"),
    ],
)
def test_what_is_no_postcode_is_said(client: Client, address: str, postcode: str) -> None:
    assert complaints(client, address, postcode=postcode)["postcode"]


@pytest.mark.parametrize(
    "text",
    [
        *("\x00", "\ud800", "\x00\x01\x1f\x7f", "\u202e" * 300, "\U0001f468\u200d\u2695\ufe0f"),
        *("<script>alert(1)</script>", "'; DROP TABLE referrals_referral; --", "{{ 7 * 7 }}", "%s"),
        *("x" * 50_000, "\n" * 10_000, "9" * 5_000),
    ],
)
def test_no_field_minds_what_is_in_it(client: Client, address: str, text: str) -> None:
    found = complaints(client, address, **dict.fromkeys(TEXTS, text))
    assert {"birth_day", "postcode", "pharmacy", "consent"} <= found.keys()
    assert all(found.values())
    page = text_of(client.get(address))
    assert "<script>alert" not in page


@pytest.mark.parametrize("field", TEXTS)
def test_a_nul_is_nothing(client: Client, address: str, field: str) -> None:
    # By itself: what is wrong elsewhere may keep a field from being asked about.
    nothing = complaints(client, address, **{field: ""})
    assert complaints(client, f"/referrals/{uuid.uuid4()}/edit/", **{field: "\x00"}) == nothing


@pytest.mark.parametrize("field", [name for name in TEXTS if name not in {"consent", *BOXES}])
def test_what_is_too_long_is_said_of_its_field(client: Client, address: str, field: str) -> None:
    assert complaints(client, address, **{field: "x" * (TEXTS[field].longest + 1)})[field]


@pytest.mark.parametrize("page", ["edit", "draft", "paste"])
@pytest.mark.parametrize("field", ["given_name", "complaint", "unknown"])
def test_ten_megabytes_get_a_page_with_words(
    client: Client, address: str, page: str, field: str
) -> None:
    response = client.post(address.replace("edit", page), {field: "x" * 10_000_000})
    assert response.status_code == 413
    assert "more than PharmRefer can take at once" in text_of(response)
    assert not Referral.objects.exists()


def test_a_thousand_fields_are_too_many(client: Client, address: str) -> None:
    assert client.post(address, {f"q_{number}": "yes" for number in range(1001)}).status_code == 400


def test_browsers_neither_complete_nor_check_what_is_written_about_a_patient(
    client: Client, address: str
) -> None:
    tree = html5lib.parse(text_of(client.get(address)), namespaceHTMLElements=False)
    [form] = [each for each in tree.iter("form") if "data-draft" in each.attrib]
    assert form.get("autocomplete") == "off"
    written = [*form.iter("textarea"), *form.iter("input")]
    ticked = {"hidden", "radio", "checkbox"}
    fields = [each for each in written if each.get("type", "text") not in ticked]
    assert len(fields) > 10
    for each in fields:
        kept_away = (each.get("autocomplete"), each.get("spellcheck"))
        assert kept_away == ("off", "false"), each.get("name")


@pytest.mark.parametrize("text", ["\x00", "\x00QN001", "\ud800", "x" * 100_000])
def test_no_pharmacy_is_found_by_what_is_no_code(client: Client, text: str) -> None:
    encoded = {"pharmacy": [text.encode("utf-8", "surrogatepass")]}
    assert client.post("/referrals/pharmacies/", encoded).status_code == 200
