"""The table of states: what leads where, and nothing else does."""

import pytest

from pharmrefer.local import ROOT
from referrals import states
from referrals.states import TRANSITIONS, IllegalMoveError, ReferralEvent, State


def test_a_late_success_overrides_having_given_up() -> None:
    for state in (State.NOT_DELIVERED, State.NOT_CONFIRMED):
        assert states.after(state, ReferralEvent.DELIVERED) is State.DELIVERED


def test_nothing_takes_back_that_it_was_delivered() -> None:
    for event in ReferralEvent:
        with pytest.raises(IllegalMoveError):
            states.after(State.DELIVERED, event)


def test_what_was_sent_is_never_a_draft_again() -> None:
    assert State.DRAFT not in TRANSITIONS.values()


@pytest.mark.parametrize(
    "event", [ReferralEvent.DELIVERED, ReferralEvent.GAVE_UP, ReferralEvent.LOST_TRACK]
)
def test_a_draft_can_only_be_submitted(event: ReferralEvent) -> None:
    assert states.after(State.DRAFT, ReferralEvent.SUBMITTED) is State.SENDING
    with pytest.raises(IllegalMoveError, match="draft cannot be"):
        states.after(State.DRAFT, event)


def test_every_state_is_reached_and_every_event_leads_somewhere() -> None:
    assert {*TRANSITIONS.values(), State.DRAFT} == set(State)
    assert {event for _state, event in TRANSITIONS} == set(ReferralEvent)


def test_the_picture_in_docs_is_not_stale() -> None:
    page = (ROOT / "docs" / "referral-states.md").read_text()
    assert page == f"{states.page()}\n", "run: manage.py draw_states > docs/referral-states.md"
