"""The states of a referral and what leads from one to the next: one pure table."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    NOT_CONFIRMED = "not_confirmed"
    STOPPED = "stopped"


class ReferralEvent(StrEnum):
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    GAVE_UP = "gave_up"
    LOST_TRACK = "lost_track"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    ReferralEvent.SUBMITTED: "Sent by the practice",
    ReferralEvent.DELIVERED: "Received by the pharmacy's system",
    ReferralEvent.GAVE_UP: "Not delivered",
    ReferralEvent.LOST_TRACK: "Not confirmed: the pharmacy may already have it",
    ReferralEvent.STOPPED: "Stopped by the answers, not sent",
}

# We give up without knowing everything: a late success overrides that.
TRANSITIONS: dict[tuple[State, ReferralEvent], State] = {
    (State.DRAFT, ReferralEvent.SUBMITTED): State.SENDING,
    (State.DRAFT, ReferralEvent.STOPPED): State.STOPPED,
    (State.SENDING, ReferralEvent.DELIVERED): State.DELIVERED,
    (State.SENDING, ReferralEvent.GAVE_UP): State.NOT_DELIVERED,
    (State.SENDING, ReferralEvent.LOST_TRACK): State.NOT_CONFIRMED,
    (State.NOT_DELIVERED, ReferralEvent.DELIVERED): State.DELIVERED,
    (State.NOT_CONFIRMED, ReferralEvent.DELIVERED): State.DELIVERED,
}

# Each event leads to one state, whatever was before.
REACHED_BY = {event: then for (_before, event), then in TRANSITIONS.items()}


class IllegalMoveError(Exception):
    """The table has no such step."""


def after(state: State, event: ReferralEvent) -> State:
    """Return the state that follows, or raise IllegalMoveError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalMoveError(f"A referral that is {state} cannot be {event}.") from None


def page() -> str:
    """Return the page in docs/ that draws the table (Mermaid)."""
    steps = [f"    {state} --> {then}: {event}" for (state, event), then in TRANSITIONS.items()]
    return "\n".join(
        [
            "# The states of a referral",
            "",
            "Printed from `referrals/states.py` with `manage.py draw_states`.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {State.DRAFT}",
            *steps,
            "```",
        ]
    )
