"""Each kind of case has its row, and its words."""

import pytest
from django.template import engines

from accounts.models.cases import WORDS, Case, CaseKind
from accounts.models.people import Practice, User
from accounts.service_desk.kinds import KINDS, OF_ACCOUNTS, handling


def test_every_kind_has_a_row_and_no_row_is_left_over() -> None:
    assert list(KINDS) == list(CaseKind)


def test_every_kind_has_its_words() -> None:
    assert list(WORDS) == list(CaseKind)


@pytest.mark.parametrize("kind", CaseKind)
def test_a_case_says_what_was_asked_for_and_done(kind: CaseKind) -> None:
    jane = User(given_name="Jane", family_name="Doe")
    case = Case(kind=kind, person=jane, practice=Practice(name="Larkfield Surgery"))
    said = {case.asked(of_you=False), case.done(of_you=False)}
    assert len(said) == 2
    assert all("Jane Doe" in each and "{" not in each for each in said)
    to_them = f"{case.asked(of_you=True)} {case.done(of_you=True)}"
    assert "you" in to_them.lower()
    assert "Jane" not in to_them


@pytest.mark.parametrize("kind", CaseKind)
def test_the_pages_of_every_kind_have_their_words(kind: CaseKind) -> None:
    jinja = engines["jinja2"].env  # type: ignore[attr-defined]
    words = dir(jinja.get_template(KINDS[kind].pages).module)
    assert "done" in words
    assert ("opening" in words) == (kind in OF_ACCOUNTS)


def test_no_two_kinds_do_or_check_the_same() -> None:
    assert len({row.effect for row in KINDS.values()}) == len(KINDS)
    assert len({row.check for row in KINDS.values()}) == len(KINDS)
    assert len({row.pages for row in KINDS.values()}) == len(KINDS)


def test_what_is_no_kind_is_neither_checked_nor_done() -> None:
    with pytest.raises(ValueError, match="is not a valid CaseKind"):
        handling(Case(kind="another"))
