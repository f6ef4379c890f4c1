"""What the figures of a script come to, as the page shows it."""

import pytest
from django.test import Client
from django.utils import timezone

from support.status.parts import PartReading, PartState
from support.status.reading import LastReading
from tests import factories, status_readings

GOOD = {
    "reached": "12",
    "failures": "0",
    "latency_ms": "45",
    "spread_ms": "1234",
    "clock_off_ms": "300",
    "cookies": "kept",
    "tls": "https",
    "static_files": "whole",
    "sizes": "cut",
    "cut_at": "65536",
    "upload": "whole",
    "headers": "whole",
    "protocol": "h2",
}


def test_every_figure_is_in_the_table_and_in_the_text(client: Client) -> None:
    page = client.get("/connection/result/", GOOD).content.decode()
    rows = {
        "Tries that had an answer": "12 of 12",
        "Time for an answer (median)": "45 ms",
        "Slow answers take longer by": "1,234 ms",
        "Clock of this computer": "Right",
        "JavaScript": "Runs",
        "Cookies": "Kept",
        "Encrypted": "Yes (https)",
        "Protocol": "h2",
        "Style sheets and scripts": "Not changed",
        "Answers of up to 1 MB": "Cut at 65 kB",
        "Sending 100 kB": "Not changed",
        "Headers that protect pages": "Not changed",
    }
    for name, value in rows.items():
        assert f'scope="row">{name}</th>\n<td class="nhsuk-table__cell">{value}</td>' in page
        assert f"\n{name}: {value}\n" in page.replace("</pre>", "\n")
    assert "Not tested" not in page


@pytest.mark.parametrize(
    ("off", "said"), [("999", "Right"), ("1000", "1 second fast"), ("-1000", "1 second slow")]
)
def test_a_clock_is_right_to_a_second(client: Client, off: str, said: str) -> None:
    page = client.get("/connection/result/", GOOD | {"clock_off_ms": off}).content.decode()
    assert f"\nClock of this computer: {said}\n" in page


def test_each_finding_is_a_line_and_whom_to_ask_comes_last(client: Client) -> None:
    page = client.get("/connection/result/", GOOD).content.decode()
    said = (
        (
            "Something between your computer and PharmRefer cuts long answers (at 65 kB). "
            "Pages can be incomplete."
        ),
        (
            "Your computer reaches PharmRefer, but not steadily: "
            "some answers take 1.2 seconds longer than others."
        ),
        "Ask your local IT service desk.",
    )
    for sentence in said:
        assert f'<p class="nhsuk-body-l">{sentence}</p>' in page
    assert "\n".join(["PharmRefer connection test", *said]) in page


@pytest.mark.parametrize("odd", [{}, {"reached": "many"}, {"reached": "1", "protocol": "<script>"}])
def test_who_measured_nothing_is_led_to_the_test(client: Client, odd: dict[str, str]) -> None:
    response = client.get("/connection/result/", odd)
    assert (response.status_code, response["Location"]) == (302, "/connection/")


@pytest.mark.django_db
def test_it_says_nothing_of_who_is_logged_in(client: Client) -> None:
    user = factories.active_person()
    session = factories.sign_in(client, user)
    page = client.get("/connection/result/", GOOD).content.decode()
    told = (user.email, user.family_name, str(session.membership.workplace), session.key_hash.hex())
    assert not [each for each in told if each in page]


def test_a_pharmacy_system_in_trouble_is_not_their_connection(client: Client) -> None:
    now = timezone.now()
    slow = PartReading(state=PartState.SLOW, since=now, number=2)
    last = LastReading(at=now, parts={"system:bars.example": slow})
    steady = {name: text for name, text in GOOD.items() if name != "cut_at"}
    steady |= {"spread_ms": "20", "sizes": "whole"}
    with status_readings.shown(last):
        page = client.get("/connection/result/", steady).content.decode()
    said = "Your computer reaches PharmRefer. Pharmacy system 2 is slow: it is not your connection."
    assert said in page
    assert said not in client.get("/connection/result/", steady).content.decode()
