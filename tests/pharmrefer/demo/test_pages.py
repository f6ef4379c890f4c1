"""The pages, read as strictly as a validator does."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pharmrefer.demo.pages import uk_time
from tests.pages import text_of
from tests.pharmrefer.demo.conftest import Answered, Pharmacy
from tests.pharmrefer.demo.message import TARGET, good_message

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NASTY = "<script>alert('&\"\x07\ud800\uffff"


class Page:
    """What a page's reader wants."""

    def __init__(self, answer: Answered) -> None:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        self.content = answer.body


def read(pharmacy: Pharmacy, path: str, status: int = 200) -> str:
    answer = pharmacy.ask("GET", path)
    assert answer.status == status
    return text_of(Page(answer))


def test_the_first_page_says_what_it_is_before_anything_has_come(new_pharmacy: Pharmacy) -> None:
    page = read(new_pharmacy, "/")
    assert '<html lang="en-GB">' in page
    assert "<title>Demonstration pharmacy system</title>" in page
    for words in ("no real pharmacy", "nobody is treated", "No referrals yet.", "No mail yet."):
        assert words in page
    assert "<script" not in page


def test_a_referral_is_shown_and_can_be_opened(new_pharmacy: Pharmacy) -> None:
    new_pharmacy.send()
    reference = new_pharmacy.log()[0]["reference"]
    page = read(new_pharmacy, "/")
    for words in (
        *("Mortar Pharmacy", "Ada Inventa", "Sore throat", "Inkwell Surgery", reference),
        *("processed, answered 200", 'href="/received/1"'),
    ):
        assert words in page
    page = read(new_pharmacy, "/received/1")
    for words in ("Sore for 3 days", "9990004714", "1987-04-30", reference, "&quot;Bundle&quot;"):
        assert words in page


def test_what_counts_most_stands_on_top_and_what_is_not_stated_is_said(
    new_pharmacy: Pharmacy,
) -> None:
    new_pharmacy.send()
    page = read(new_pharmacy, "/received/1")
    before, _, rest = page.partition("<h2>Referral</h2>")
    for words in (
        *("<dt>Complaint</dt><dd>Sore throat</dd>", "24 November 2026, 14:05:09"),
        *("01632 960999 (self)", "<dt>Call the practice</dt><dd>No number stated</dd>"),
        *("No allergies stated", "No medicines stated", "Individual requirements"),
    ):
        assert words in before
    assert "<dt>From</dt><dd>Inkwell Surgery, Z99998</dd>" in rest


def test_the_latest_hundred_are_shown_newest_first(new_pharmacy: Pharmacy) -> None:
    for _ in range(102):
        new_pharmacy.ask("POST", "/$process-message", b"{}", {})
    page = read(new_pharmacy, "/")
    links = [int(part.partition('"')[0]) for part in page.split('href="/received/')[1:]]
    assert links == list(range(102, 2, -1))


def test_nothing_that_was_sent_becomes_part_of_a_page(
    new_pharmacy: Pharmacy, tmp_path: Path
) -> None:
    message = good_message()
    for one in message["entry"]:
        one["resource"] |= {"name": NASTY, "code": {"text": NASTY}, "gender": NASTY}
    new_pharmacy.send(message)
    (tmp_path / "mail").mkdir()
    mail = f"To: {NASTY[:20]}\nSubject: {NASTY[:20]}\n\n{NASTY[:20]}"
    (tmp_path / "mail" / "1.eml").write_bytes(mail.encode(errors="surrogatepass"))
    new_pharmacy.tell("slow", dos_service_id=NASTY[:20])
    for path in ("/", "/received/1"):
        assert "<script" not in read(new_pharmacy, path)


def mails(folder: Path) -> None:
    (folder / "mail").mkdir()
    first = (
        "Subject: Your code\nTo: ada@example.org\nDate: Mon, 23 Nov 2026 14:05:09 -0000\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        "Open <http://localhost:8000/activate/?a=3D1&b=3D2>.\nCaf=C3=A9\n"
    )
    second = "Subject: Later\nTo: sam@example.org\nDate: Mon, 23 Nov 2026 15:00:00 -0000\n\nHello\n"
    line = "-" * 79 + "\n"
    (folder / "mail" / "20261123.log").write_text(first + line + second + line)
    (folder / "mail" / "poor.eml").write_bytes(b"Date: never\nContent-Type: x/y; =?\xff\n\n\xff\0")
    (folder / "mail" / "empty.eml").write_bytes(b"")
    (folder / "mail" / "note.txt").write_text("not a mail")


def test_mail_is_shown_newest_first_with_links(new_pharmacy: Pharmacy, tmp_path: Path) -> None:
    mails(tmp_path)
    page = read(new_pharmacy, "/")
    assert "23 November 2026, 14:05:09, to ada@example.org" in page
    address = "http://localhost:8000/activate/?a=1&amp;b=2"
    assert f'&lt;<a href="{address}">{address}</a>&gt;.\nCafé' in page
    assert page.index("<h3>Later</h3>") < page.index("<h3>Your code</h3>")
    assert "not a mail" not in page
    assert page.count("<article>") == 3


def test_times_are_those_of_the_united_kingdom(new_pharmacy: Pharmacy, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    mail = "Subject: Summer\nDate: Wed, 01 Jul 2026 23:30:00 -0000\n\nHello"
    (tmp_path / "mail" / "1.eml").write_text(mail)
    assert "2 July 2026, 00:30:00" in read(new_pharmacy, "/")


def test_the_form_changes_what_the_system_does(pharmacy: Pharmacy) -> None:
    fields = {"dos_service_id": TARGET, "mode": "rec-timeout-408", "times": "", "seconds": " 1.5"}
    answer = pharmacy.ask("POST", "/control", urlencode(fields).encode(), FORM)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert pharmacy.send().status == 408
    assert f"DoS service {TARGET}: rec-timeout-408" in read(pharmacy, "/")
    fields = {"mode": "unavailable-503", "times": "1", "seconds": ""}
    pharmacy.ask("POST", "/control", urlencode(fields).encode(), FORM)
    assert [pharmacy.send().status, pharmacy.send().status] == [503, 200]


@pytest.mark.parametrize("fields", [{}, {"mode": "x"}, {"mode": "hang", "times": "one"}])
def test_a_form_that_makes_no_sense_gets_a_page(pharmacy: Pharmacy, fields: dict[str, str]) -> None:
    answer = pharmacy.ask("POST", "/control", urlencode(fields).encode() or b"x", FORM)
    assert answer.status == 400
    assert "That did not work" in text_of(Page(answer))


def test_the_hour_that_comes_twice_says_which_of_the_two_it_is() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert uk_time(first) == "25 October 2026, 01:30:00 BST"
    assert uk_time(second) == "25 October 2026, 01:30:00 GMT"
    assert uk_time(datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)) == "23 November 2026, 14:05:09"
