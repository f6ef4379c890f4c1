"""What people type finds the page that helps, and what they should not have typed goes nowhere."""

import pytest

from accounts.topics import QUESTIONS, Topic
from support.help import pages, search
from support.region.content import AppDevice, Approval, ApprovedApp, Region
from tests.regional_content import shown


def titles(typed: str) -> list[str]:
    return [found.title for found in search.find(typed)]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("2fast", "Use 2FAST on another computer"),
        ("2 Fast", "Use 2FAST on another computer"),
        ("new phone", "I have lost or changed my phone, computer or app"),
        ("code wrong", "My code is refused"),
        ("locked out", "Your account is locked"),
        ("timed out", "It timed out"),
        ("time out", "It timed out"),
        ("wont send", "It will not send"),
        ("won’t send", "It will not send"),
        ("it will not send", "It will not send"),
        ("authenticator", "How do I set up an authenticator app?"),
        ("2fa", "How do I set up an authenticator app?"),
        ("MFA", "How do I set up an authenticator app?"),
        ("ms authenticator", "How do I set up an authenticator app?"),
        ("QR", "How do I set up an authenticator app?"),
        ("I can't log in", "I cannot log in"),
        ("cant login", "I cannot log in"),
        ("forgot password", "Your username or password is not right"),
        ("forgot 2fast password", "I have lost or changed my phone, computer or app"),
        ("hot desk", "Use 2FAST on another computer"),
        ("trying again", "Trying again: we send it by ourselves"),
        ("internet slow", "Your connection may be the cause"),
        ("passkey", "What is a passkey?"),
        ("clock", "What if the clock is wrong?"),
        ("shared login", "Several people share a login"),
        ("no email", "Your invitation email has not come"),
    ],
)
def test_what_people_type_finds_its_page_among_the_first(typed: str, title: str) -> None:
    assert title in titles(typed)[:4], titles(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("autenticator", "authenticator"),
        ("pasword", "password"),
        ("phamacy", "pharmacy"),
        ("recption", "reception"),
        ("barcod", "barcode"),
        ("passky", "passkey"),
    ],
)
def test_a_small_mistake_is_forgiven(typed: str, meant: str) -> None:
    assert titles(typed)
    assert titles(typed)[0] in titles(meant)


@pytest.mark.parametrize(
    "typed", ["Margaret Thompson", "943 476 5919", "Mohammed Ali 15/03/1984", "the and of", "?!"]
)
def test_what_is_not_about_help_finds_nothing(typed: str) -> None:
    assert titles(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\0",
        "a" * 100_000,
        "code " * 20_000,
        "(((((",
        "\\",
        "💊",
        "é" * 500,
        "x'; DROP",
        "ﬁ",
    ],
)
def test_odd_input_is_harmless(typed: str) -> None:
    assert len(search.find(typed)) <= search.MOST_FOUND


def test_a_result_says_what_it_is_about_in_a_sentence_of_its_page() -> None:
    (found, *_) = search.find("barcode scan app")
    page = next(page for page in pages.every() if page.address == found.address)
    assert found.line in page.passages()
    assert found.line.endswith(".")


@pytest.mark.parametrize(
    ("typed", "telling"),
    [
        ("I couldn’t log in", "log in"),
        ("it isn't sending", "sending"),
        ("my code wasn't accepted", "code accepted"),
    ],
)
def test_words_that_say_nothing_count_nothing(typed: str, telling: str) -> None:
    assert titles(typed) == titles(telling)


def test_what_has_only_one_of_several_words_or_only_in_its_text_is_left_out() -> None:
    assert titles("clock") == ["The clock is wrong", QUESTIONS[Topic.CLOCK]]
    assert "You took too long to log in" not in titles("code expired clock")


def test_a_page_is_found_by_each_word_of_its_title() -> None:
    for page in pages.every():
        found = [each.address for each in search.find(page.title)]
        assert page.address in found, page.title


@pytest.mark.parametrize("help_page", pages.every(), ids=lambda each: each.address)
def test_every_page_has_keywords_or_a_title_that_says_enough(help_page: pages.HelpPage) -> None:
    assert search.words_of(f"{help_page.title} {help_page.keywords}")
    assert help_page.passages()
    assert not any("<" in text for text in help_page.passages())


def test_what_the_region_says_is_found_as_it_says_it_now() -> None:
    assert titles("Aegis") == []
    for name in ("Aegis", "Bitwarden"):
        approved = ApprovedApp(name=name, on={AppDevice.OWN_DEVICE: Approval.SUPPORTED})
        with shown(Region(apps=(approved,))):
            assert QUESTIONS[Topic.APPS] in titles(name)
    assert titles("Aegis") == titles("Bitwarden") == []


def test_pages_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    search.find("phone")
    monkeypatch.setattr(pages.HelpPage, "passages", lambda _: pytest.fail("read again"))
    assert search.find("code")
