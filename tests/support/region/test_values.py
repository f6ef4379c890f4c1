"""What a phone number, an address or a text of the region must look like."""

from collections.abc import Callable

import pytest

from support.region import values
from support.region.values import NotFitError


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("01632 960400", "01632 960 400"),
        ("+44 (0)1632 960400", "01632 960 400"),
        ("(01632) 960400 ext 12", "01632 960 400 ext. 12"),
        ("0300 123 4567 (option 2)", "0300 123 4567 (option 2)"),
        ("01632 960400, option 2 – weekdays", "01632 960 400, option 2 – weekdays"),
        (" 01632\u00a0960400 \n", "01632 960 400"),
    ],
)
def test_a_phone_number_is_shown_as_people_write_it(typed: str, stored: str) -> None:
    assert values.phone(typed) == stored
    assert values.phone(stored) == stored


@pytest.mark.parametrize(
    "typed", ["0000000000", "01632 96040", "call us", "01632 96040 (desk)", "01632 960400 (x" * 20]
)
def test_what_cannot_be_called_is_refused(typed: str) -> None:
    with pytest.raises(NotFitError):
        values.phone(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("help@desk.example", "help@desk.example"),
        ("Desk <help@desk.example>;", "help@desk.example"),
        ("mailto:o'neil+desk@nhs.example", "o'neil+desk@nhs.example"),
    ],
)
def test_an_email_address_is_taken_out_of_what_was_pasted(typed: str, stored: str) -> None:
    assert values.email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["desk", "a@b", "a@b.example?subject=x", "a b@c.example", "a@b@c.example", "é@b.example"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotFitError, match="Enter an email address"):
        values.email(typed)


def test_a_website_is_taken_as_it_is() -> None:
    assert values.website(" https://help.example/portal?x=1 ") == "https://help.example/portal?x=1"
    assert values.website("") == ""


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "help.example",
            "http://help.example",
            "javascript:alert(1)",
            "https://",
            "//help.example",
        ),
        *("https://help.example/a b", "https://[::1", "https://a.example:x/"),
        "https://nhs.example@evil.example/",  # reads as if it led elsewhere
    ],
)
def test_a_link_that_is_not_safe_to_show_is_refused(typed: str) -> None:
    with pytest.raises(NotFitError, match="https://"):
        values.website(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("API.System.example", "api.system.example"),
        ("localhost:8001", "localhost:8001"),
    ],
)
def test_a_host_is_written_as_addresses_have_it(typed: str, stored: str) -> None:
    assert values.host(typed) == stored


@pytest.mark.parametrize("typed", ["https://api.example", "api.example/", "a b", "-a.example"])
def test_what_is_no_host_is_refused(typed: str) -> None:
    with pytest.raises(NotFitError, match="host"):
        values.host(typed)


@pytest.mark.parametrize(
    ("rule", "typed", "stored"),
    [
        (values.paragraphs, "One.\r\n\r\n\r\n\r\nTwo,  \nstill two.\n", "One.\n\nTwo,\nstill two."),
        (values.paragraphs, "zero\u200bwidth", "zerowidth"),
        (values.line, " two\r\nlines\tand a tab ", "two lines and a tab"),
    ],
)
def test_texts_are_kept_as_they_are_seen(
    rule: Callable[[str], str], typed: str, stored: str
) -> None:
    assert rule(typed) == stored
    assert rule(stored) == stored
