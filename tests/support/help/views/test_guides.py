"""The guides: open to everyone, true of the product, with pictures that are there."""

import re
import struct
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.factors import activation_codes
from accounts.models.cases import Case
from accounts.models.passkeys import Passkey
from accounts.roles import Role
from accounts.service_desk.effects import CODE_LIFETIME
from accounts.sign_in import lockout, own_account, password_rules
from pharmrefer.local import ROOT
from support.help.guides import GUIDES, Guide
from support.region.content import AppDevice, Approval, ApprovedApp, Region, SupportContact
from tests import factories
from tests.pages import text_of
from tests.regional_content import shown

PICTURES = ROOT / "pharmrefer" / "static" / "pharmrefer" / "guides"
SHOWN = ROOT / "tests" / "journeys" / "guide_pictures"  # what each picture shows, in words
TEMPLATES = ROOT / "templates" / "support" / "help"
SCALE = (
    1.5  # pixels of a picture for each CSS pixel, as tests/journeys/test_guide_pictures.py takes it
)


def browser() -> Client:
    return Client(headers={"x-forwarded-proto": "https"})


def address_of(guide: Guide | str) -> str:
    return f"/help/guides/{guide if isinstance(guide, str) else guide.name}/"


def page_of(name: str) -> str:
    """Return a guide as it is for its readers; a query would fail the test."""
    return text_of(browser().get(address_of(name)))


def words_of(page: str) -> str:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (main,) = (each for each in tree.iter("main"))
    return " ".join("".join(main.itertext()).split())


def images_of(page: str) -> list[Any]:
    return list(html5lib.parse(page, namespaceHTMLElements=False).iter("img"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_is_open_to_everyone_without_a_database(guide: Guide) -> None:
    page = page_of(guide.name)
    assert f"<title>{guide.title} –" in page
    assert f"<h1>{guide.title}</h1>" in page
    assert browser().post(address_of(guide)).status_code == 405


def test_help_lists_every_guide() -> None:
    page = text_of(browser().get("/help/"))
    for guide in GUIDES:
        assert f'<a href="{address_of(guide)}">{guide.title}</a>' in page
        assert f"<br>{guide.summary}</li>" in page


def test_there_is_no_other_guide() -> None:
    assert browser().get("/help/guides/no-such-guide/").status_code == 404


@pytest.mark.parametrize(
    ("topic", "guides"),
    [
        ("set-up", {"microsoft-authenticator", "twofast"}),
        ("lost-authenticator", {"second-computer", "several-apps"}),
        ("passkeys", {"passkeys"}),
        ("shared-login", {"administrators"}),
    ],
)
def test_a_question_leads_to_its_guides(topic: str, guides: set[str]) -> None:
    page = text_of(browser().get(f"/help/{topic}/"))
    assert set(re.findall('href="/help/guides/([^"/]+)/"', page)) == guides


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "address", "guide"),
    [
        (Role.PRACTICE_ADMINISTRATOR, "/people/", "administrators"),
        (Role.STAFF, "/account/", "several-apps"),
        (Role.SERVICE_DESK, "/desk/people/{number}/", "service-desk"),
        (Role.SERVICE_DESK, "/desk/people/{number}/reset/", "service-desk"),
    ],
)
def test_a_guide_is_beside_what_it_helps_with(role: Role, address: str, guide: str) -> None:
    client, other = browser(), factories.active_person()
    factories.confirmed(factories.sign_in(client, factories.active_person(role=role)))
    page = text_of(client.get(address.format(number=other.pk)))
    assert f'<a href="{address_of(guide)}" target="_blank" rel="noopener">' in page


@pytest.mark.parametrize("app", ["microsoft-authenticator", "twofast"])
def test_the_steps_of_an_app_are_the_same_wherever_they_stand(app: str) -> None:
    steps = (TEMPLATES / "steps" / f"{app}.html").read_text().partition("#}")[2].strip()
    assert "<ol" in steps
    assert steps in page_of(app)
    assert steps in text_of(browser().get("/help/set-up/"))


class TestPictures:
    def test_each_says_what_it_shows_and_how_large_it_is(self) -> None:
        shown_somewhere = set()
        for guide in GUIDES:
            for image in images_of(page_of(guide.name)):
                name = re.sub(r"\.[0-9a-f]{12}\.png$", "", image.get("src").rpartition("/")[2])
                shown_somewhere.add(name)
                width, height = struct.unpack(">II", (PICTURES / f"{name}.png").read_bytes()[16:24])
                assert image.get("width") == str(round(width / SCALE)), name
                assert image.get("height") == str(round(height / SCALE)), name
                assert len(image.get("alt")) > 40, name
        assert shown_somewhere == {path.stem for path in PICTURES.glob("*.png")}

    def test_beside_each_is_kept_what_it_showed(self) -> None:
        kept = {path.stem for path in SHOWN.glob("*.txt")}
        assert kept == {path.stem for path in PICTURES.glob("*.png")}

    def test_what_the_words_for_a_picture_name_is_in_it(self) -> None:
        named = 0
        for guide in GUIDES:
            for image in images_of(page_of(guide.name)):
                picture = re.sub(r"\.[0-9a-f]{12}\.png$", "", image.get("src").rpartition("/")[2])
                showed = (SHOWN / f"{picture}.txt").read_text()
                for said in re.findall(
                    r"(?:buttons?|links?|answers|named) ([A-Z][\w ]+)", image.get("alt")
                ):
                    for name in said.split(" and "):
                        assert name in showed, picture
                        named += 1
        assert named > 5

    def test_they_are_small(self) -> None:
        for path in PICTURES.glob("*.png"):
            assert path.stat().st_size < 80_000, path.name

    @pytest.mark.parametrize(
        ("name", "number"), [("microsoft-authenticator", 2), ("twofast", 3), ("second-computer", 3)]
    )
    def test_a_drawing_is_one_sentence_for_a_screen_reader(self, name: str, number: int) -> None:
        tree = html5lib.parse(page_of(name), namespaceHTMLElements=False)
        parts = ((each, each.get("class", "").split()) for each in tree.iter("div"))
        found = [each for each, classes in parts if "app-drawing" in classes]
        assert len(found) == number
        for drawing in found:
            assert drawing.get("role") == "img"
            assert drawing.get("aria-label", "").startswith("Drawing of ")
            assert not list(drawing.iter("a"))


class TestApprovedApps:
    """Which apps may be used is the region's to say."""

    APPS = (
        ApprovedApp(
            name="Phone <App>",
            on={
                AppDevice.SUPPLIED_PHONE: Approval.SUPPORTED,
                AppDevice.OWN_DEVICE: Approval.UNSUPPORTED,
            },
        ),
        ApprovedApp(
            name="Desk App",
            on={
                AppDevice.SUPPLIED_DESKTOP: Approval.SUPPORTED,
                AppDevice.SUPPLIED_PHONE: Approval.NOT_ALLOWED,
            },
            note="version 2",
        ),
    )

    @pytest.mark.parametrize("name", ["microsoft-authenticator", "twofast", "several-apps"])
    def test_they_are_said_by_device(self, name: str) -> None:
        with shown(Region(apps=self.APPS)):
            page = page_of(name)
        assert "<li>On a phone from work: <strong>Phone &lt;App&gt;</strong></li>" in page
        assert "<li>On a computer at work: <strong>Desk App</strong> (version 2)</li>" in page
        unsupported = "<strong>Phone &lt;App&gt;</strong> (nobody here can help you with it)</li>"
        assert f"<li>On your own phone or computer: {unsupported}" in page
        assert "can tell you which apps you may use" not in page

    def test_several_on_one_device_are_said_in_one_breath(self) -> None:
        on_own = {AppDevice.OWN_DEVICE: Approval.UNSUPPORTED}
        apps = tuple(ApprovedApp(name=name, on=on_own) for name in ("One", "Two"))
        with shown(Region(apps=apps)):
            page = page_of("twofast")
        assert (
            "<strong>One</strong>, <strong>Two</strong> (nobody here can help you with these)</li>"
            in page
        )

    @pytest.mark.parametrize("name", ["microsoft-authenticator", "twofast", "several-apps"])
    def test_where_none_is_said_the_local_it_service_desk_is_asked(self, name: str) -> None:
        assert "Your local IT service desk can tell you which apps you may use" in page_of(name)

    def test_an_app_that_is_allowed_nowhere_is_not_named(self) -> None:
        app = ApprovedApp(name="Old App", on={AppDevice.OWN_DEVICE: Approval.NOT_ALLOWED})
        with shown(Region(apps=(app,))):
            page = page_of("twofast")
        assert "Old App" not in page
        assert "can tell you which apps you may use" in page

    @pytest.mark.parametrize("name", ["microsoft-authenticator", "twofast", "second-computer"])
    def test_who_helps_with_apps_is_on_the_page_that_is_printed(self, name: str) -> None:
        with shown(Region(local_it=SupportContact(name="IT Help", phone="01632 960500"))):
            page = page_of(name)
        assert '<h2 class="nhsuk-heading-m">IT Help</h2>' in page.partition("<footer")[0]


class TestTheyAreTrue:
    """What a guide says of the product is what the product does."""

    def test_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(own_account, "MOST_AUTHENTICATORS", 4)
        monkeypatch.setattr(Passkey, "MOST", 3)
        monkeypatch.setattr(lockout, "MOST_WRONG", 17)
        monkeypatch.setattr(password_rules, "SHORTEST_FOR_PRIVILEGED", 19)
        assert "up to 4 authenticator apps" in page_of("several-apps")
        assert "up to 3 passkeys" in page_of("passkeys")
        administrators = page_of("administrators")
        assert "17 wrong codes in a row" in administrators
        assert "19 characters or more" in administrators

    def test_when_the_screen_locks_and_when_a_code_is_needed(self) -> None:
        page = words_of(page_of("logging-in"))
        assert f"locks after {settings.SESSION_LOCK.seconds // 60} minutes without use" in page
        assert f"warns you {settings.SESSION_WARNING.seconds // 60} minutes before" in page
        assert f"After {settings.SESSION_IDLE.seconds // 60} minutes without use" in page

    def test_how_long_a_case_waits_and_a_code_works(self) -> None:
        page = words_of(page_of("service-desk"))
        assert f"{Case.WAIT.total_seconds() / 3600:.0f} hours, or until a second member" in page
        assert f"in the last {Case.DISPUTED_WITHIN.days} days" in page
        assert f"within {CODE_LIFETIME.total_seconds() / 3600:.0f} hour, and only after" in page

    @pytest.mark.parametrize(("is_on", "said"), [(True, "Open their page"), (False, "Only the")])
    def test_who_resets_where_practices_may(self, is_on: bool, said: str) -> None:
        with override_settings(PRACTICES_RESET=is_on):
            page = words_of(page_of("administrators"))
        assert f"When someone has lost their app {said}" in page

    def test_every_letter_of_an_activation_code_is_in_the_alphabet(self) -> None:
        page = words_of(page_of("service-desk"))
        assert "7, K for Kilo, Q for Quebec, M for Mike" in page
        alphabet = page.partition("The alphabet")[2]
        letters = set(re.findall(r"\b([A-Z]) \1", alphabet))
        assert letters >= set(re.sub(r"\d", "", activation_codes.ALPHABET))
        assert set("ILOU").isdisjoint(activation_codes.ALPHABET)
        assert "no I, L, O or U" in alphabet


# What a guide tells people to press or look for, and the page of the product that has it.
BUTTONS = {
    "logging-in": {
        "Continue": "accounts/sign_in/log_in.html",
        "Use a passkey": "accounts/sign_in/code.html",
        "Not sent yet": "referrals/home.html",
        "Unlock": "components/sessions.html",
        "Switch user": "components/sessions.html",
    },
    "several-apps": {
        "How you log in": "accounts/sign_in/account.html",
        "Add another one": "accounts/sign_in/account.html",
        "Remove": "accounts/sign_in/account.html",
        "Add this app": "accounts/sign_in/set_up_authenticator.html",
    },
    "passkeys": {
        "Add a passkey": "accounts/sign_in/new_passkey.html",
        "Use a passkey": "accounts/sign_in/code.html",
        "Remove": "accounts/sign_in/passkeys.html",
    },
    "administrators": {
        "Invite someone": "accounts/people/people.html",
        "Invite several people": "accounts/people/people.html",
        "Review who has access": "accounts/people/people.html",
        "May be shared": "accounts/people/people.html",
        "Invite again": "accounts/people/person.html",
        "Turn off": "accounts/people/person.html",
        "Unlock": "accounts/people/person.html",
        "Role here": "accounts/people/person.html",
        "Last day": "accounts/people/person.html",
        "Hand over their drafts": "accounts/people/person.html",
        "This is one person": "components/people.html",
        "Still works here": "accounts/people/review.html",
    },
    "service-desk": {
        "Find": "accounts/service_desk/desk.html",
        "Why was something refused?": "accounts/service_desk/desk_person.html",
        "umber on record": "components/desk.html",
        "I have forgotten my password": "accounts/sign_in/log_in.html",
        "this was not me": "accounts/service_desk/not_me.html",
    },
}


@pytest.mark.parametrize("name", BUTTONS)
def test_what_a_guide_tells_people_to_choose_is_there(name: str) -> None:
    page = words_of(page_of(name))
    for words, template in BUTTONS[name].items():
        assert words in page, words
        assert words.lower() in (ROOT / "templates" / template).read_text().lower(), words
