"""The questions as pages: every branch of them, whom an end names, and the way back."""

from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from django.test import Client

from support.help import tree
from support.help.guides import GUIDES
from support.help.tree import HelpEnd, WhoHelps
from support.region.content import Region, SupportContact
from tests.pages import link_to, text_of
from tests.regional_content import shown

pytestmark = pytest.mark.django_db
REGION = Region(
    service_desk=SupportContact(name="Northshire PharmRefer desk", phone="01632 960 401"),
    local_it=SupportContact(name="Northshire IT", phone="01632 960 402", hours="weekdays"),
    escalation=SupportContact(name="Integration manager", email="lead@northshire.example"),
)
CONTACTS = {
    WhoHelps.PRACTICE_ADMINISTRATOR: ["practice administrator"],
    WhoHelps.SERVICE_DESK: ["Northshire PharmRefer desk", "01632 960 401"],
    WhoHelps.LOCAL_IT: ["Northshire IT", "01632 960 402", "weekdays"],
    WhoHelps.ESCALATION: ["Integration manager", "lead@northshire.example"],
}


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def answers_of(page: str) -> dict[str, str]:
    """Return where each answer leads, by its words."""
    tree_of_page = html5lib.parse(main_of(page), namespaceHTMLElements=False)
    lists = [each for each in tree_of_page.iter("ul") if "app-answers" in each.get("class", "")]
    return {
        " ".join("".join(link.itertext()).split()): link.get("href", "")
        for each in lists
        for link in each.iter("a")
    }


def test_each_branch_is_walked_as_people_walk_it(
    client: Client, django_assert_num_queries: Any
) -> None:
    """From the contents, answer by answer; every page asks the database nothing."""
    seen: set[str] = set()
    ahead = [*answers_of(text_of(client.get("/help/"))).values()]
    assert len(ahead) == len(tree.ROOTS)
    with shown(REGION):
        while ahead:
            address = ahead.pop()
            if address in seen:
                continue
            seen.add(address)
            with django_assert_num_queries(0):
                response = client.get(address)
            assert response.status_code == 200, address
            page = text_of(response)
            node = tree.NODES[urlsplit(address).path.split("/")[3]]
            assert f"<h1>{node.title}</h1>" in page
            answers = answers_of(page)
            assert len(answers) == len(node.leads_to)
            ahead += answers.values()
            if isinstance(node, HelpEnd):
                names_who_to_ask(node, page)
    assert {urlsplit(address).path.split("/")[3] for address in seen} == tree.NODES.keys()


def names_who_to_ask(end: HelpEnd, page: str) -> None:
    main = main_of(page).partition("Who to ask")[2]
    for who, words in CONTACTS.items():
        assert all(each in main for each in words) is (who in end.ask), (end.slug, who)
    assert "Have your username and your practice’s ODS code ready." in main
    assert "Never share your password, a code from your app or your secret key" in main


@pytest.mark.parametrize("slug", ["another-computer", "second-app-first", "app-not-set-up"])
def test_an_end_leads_to_its_guides(client: Client, slug: str) -> None:
    main = main_of(text_of(client.get(f"/help/questions/{slug}/")))
    end = tree.NODES[slug]
    assert isinstance(end, HelpEnd)
    titles = {guide.name: guide.title for guide in GUIDES}
    for name in end.guides:
        assert link_to(main, f"Guide: {titles[name]}") == f"/help/guides/{name}/"


def test_back_leads_the_whole_way_that_led_there(client: Client) -> None:
    slugs = ["cannot-log-in", "own-app", "log-in-step", "code-refused", "code-wrong"]
    address = f"/help/questions/{slugs.pop()}/?from={'.'.join(slugs)}"
    while slugs:
        address = link_to(text_of(client.get(address)), "Back")
        *before, here = slugs
        way = f"?from={'.'.join(before)}" if before else ""
        assert address == f"/help/questions/{here}/{way}"
        slugs = before
    assert link_to(text_of(client.get(address)), "All help") == "/help/"


def test_a_page_says_where_it_stands(client: Client) -> None:
    page = main_of(text_of(client.get("/help/questions/authenticator-reset/")))
    trail = page.partition('aria-label="Where you are"')[2].partition("</nav>")[0]
    links = ["/help/", "/help/questions/lost-phone/", "/help/questions/second-app/?from=lost-phone"]
    found = [trail.index(f'href="{link}"') for link in links]
    assert found == sorted(found)


def test_who_cannot_be_reached_is_said_so_and_an_escalation_that_is_unknown_is_left_out(
    client: Client,
) -> None:
    page = main_of(text_of(client.get("/help/questions/your-connection/")))
    assert "The local IT service desk</h3>" in page
    assert "If they cannot help: the service desk</h3>" in page
    assert page.count("Your practice can tell you how to reach them.") == 2
    assert "your region" not in page


def test_how_long_things_last_is_what_the_settings_say(client: Client, settings: Any) -> None:
    settings.SESSION_LOCK *= 2
    settings.SESSION_IDLE *= 1.5
    settings.DRAFTS_KEPT *= 3
    assert "has not been used for 30 minutes. After 1 hour 30 minutes" in text_of(
        client.get("/help/questions/screen-locked/")
    )
    assert "is kept for 21 days." in text_of(client.get("/help/questions/logged-out/"))


@pytest.mark.parametrize("slug", ["no-such-question", "Timed-out", "timed-out/x"])
def test_there_is_no_other_question(client: Client, slug: str) -> None:
    assert client.get(f"/help/questions/{slug}/").status_code == 404


@pytest.mark.parametrize(
    "odd", ["", "x", "timed-out", "\0", "a" * 2000, "<b>", ".", "code-wrong.x"]
)
def test_an_odd_way_is_ignored(client: Client, odd: str) -> None:
    page = text_of(client.get("/help/questions/code-wrong/", {"from": odd}))
    assert link_to(page, "Back") == "/help/questions/code-refused/"


def test_nothing_can_be_sent_to_a_question(client: Client) -> None:
    assert client.post("/help/questions/timed-out/").status_code == 405
