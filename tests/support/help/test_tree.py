"""The questions of troubleshooting: wherever somebody goes, there is an answer and a contact."""

from collections.abc import Iterator
from string import Formatter

import pytest
from django.urls import reverse

from referrals import presenters
from support.help import tree
from support.help.figures import figures
from support.help.guides import GUIDES
from support.help.tree import HelpEnd, HelpQuestion, WhoHelps

MOST_QUESTIONS = 4  # before there is an answer
QUESTIONS = [node for node in tree.NODES.values() if isinstance(node, HelpQuestion)]
ENDS = [node for node in tree.NODES.values() if isinstance(node, HelpEnd)]


def ways(slug: str, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every way from a node to an end; a circle fails."""
    assert slug not in before, before
    node, way = tree.NODES[slug], (*before, slug)
    if isinstance(node, HelpEnd):
        yield way
    for following in node.leads_to:
        yield from ways(following, way)


WAYS = [way for root in tree.ROOTS for way in ways(root)]


def test_every_answer_leads_somewhere() -> None:
    for question in QUESTIONS:
        assert len(question.answers) > 1, question.slug
        assert set(question.leads_to) <= tree.NODES.keys(), question.slug
        words = [answer.words for answer in question.answers]
        assert len(set(words)) == len(words), question.slug


def test_every_way_comes_to_an_end_soon() -> None:
    assert len(WAYS) > 50
    for way in WAYS:
        assert len(way) - 1 <= MOST_QUESTIONS, way


def test_no_page_is_out_of_reach() -> None:
    assert {slug for way in WAYS for slug in way} == tree.NODES.keys()


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.slug)
def test_an_end_says_what_to_do_and_who_to_ask(end: HelpEnd) -> None:
    assert end.steps
    assert end.ask
    assert len(set(end.ask)) == len(end.ask)
    # A region need not name anyone above the desks.
    assert end.ask[0] is not WhoHelps.ESCALATION
    assert reverse(end.way_on.route) if end.way_on else True


@pytest.mark.parametrize(
    ("slug", "first"),
    [
        ("no-login", WhoHelps.PRACTICE_ADMINISTRATOR),
        ("no-app", WhoHelps.LOCAL_IT),
        ("still-cannot-log-in", WhoHelps.SERVICE_DESK),
        ("times-out-often", WhoHelps.SERVICE_DESK),
        ("our-side", WhoHelps.SERVICE_DESK),
        ("your-connection", WhoHelps.LOCAL_IT),
        ("authenticator-reset", WhoHelps.SERVICE_DESK),
        ("clock-wrong", WhoHelps.LOCAL_IT),
        ("no-administrator", WhoHelps.SERVICE_DESK),
    ],
)
def test_who_is_asked_first_is_who_can_mend_it(slug: str, first: WhoHelps) -> None:
    end = tree.NODES[slug]
    assert isinstance(end, HelpEnd)
    assert end.ask[0] is first


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.slug)
def test_an_end_that_sends_people_to_a_desk_names_it_below(end: HelpEnd) -> None:
    said = " ".join(end.steps).replace("the local IT service desk", "LOCAL")
    said = said.replace("The local IT service desk", "LOCAL")
    for words, who in (
        ("LOCAL", WhoHelps.LOCAL_IT),
        ("service desk", WhoHelps.SERVICE_DESK),
        ("your practice administrator", WhoHelps.PRACTICE_ADMINISTRATOR),
    ):
        assert words not in said or who in end.ask, words


def test_an_end_names_only_figures_that_there_are() -> None:
    named = {
        name for end in ENDS for step in end.steps for _, name, _, _ in Formatter().parse(step)
    }
    assert named - {None} <= figures().keys()
    assert "lock" in named


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.slug)
def test_an_end_names_only_guides_that_there_are(end: HelpEnd) -> None:
    assert set(end.guides) <= {guide.name for guide in GUIDES}


def test_every_guide_for_practices_is_the_answer_to_something() -> None:
    named = {name for end in ENDS for name in end.guides}
    assert named == {guide.name for guide in GUIDES} - {"service-desk"}


def test_titles_tell_pages_apart() -> None:
    titles = [node.title for node in tree.NODES.values()]
    assert len(set(titles)) == len(titles)


def test_every_status_of_a_referral_has_an_answer_in_its_own_words() -> None:
    tags = [*presenters.TAGS.values(), presenters.INCOMPLETE]
    tags += [presenters.SENDING, presenters.SAVED, presenters.TRYING_AGAIN, presenters.LATE]
    question = tree.NODES["will-not-send"]
    assert isinstance(question, HelpQuestion)
    answered = " / ".join(answer.words for answer in question.answers)
    for words, _colour in tags:
        assert words in answered
        assert any(words in end.title for end in ENDS) or words in {"Not finished"}, words


class TestWay:
    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way[-1])
    def test_it_is_the_one_that_was_come_by(self, way: tuple[str, ...]) -> None:
        for many in range(1, len(way)):
            assert tree.way_to(way[many], way[:many]) == [*way[:many]]

    def test_where_nobody_says_it_is_the_first_that_leads_there(self) -> None:
        first = ["cannot-log-in", "own-app", "log-in-step"]
        assert tree.way_to("too-many-tries") == first
        assert tree.way_to("code-refused") == []
        assert tree.way_to("code-refused", first) == first

    @pytest.mark.parametrize(
        "odd",
        [
            [""],
            ["no-such-question"],
            ["will-not-send"],
            ["too-many-tries"],
            ["own-app", "code-refused"],
            ["code-refused", "code-wrong"],
            ["code-refused"] * 2,
        ],
    )
    def test_what_does_not_lead_there_is_ignored(self, odd: list[str]) -> None:
        assert tree.way_to("code-wrong", odd) == ["code-refused"]
