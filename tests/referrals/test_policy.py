"""Who may write and send which referral: its author, where it was begun, while it is a draft."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.errors import Denied
from referrals import policy
from referrals.policy import Circumstances, ClosedError
from tests import factories
from tests.clinical_content import FIRST

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_its_author_may_write_and_send_a_draft() -> None:
    by = factories.member()
    draft, to = factories.draft(by=by), factories.pharmacy()
    policy.check_can_write(draft, by)
    policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, TODAY))


def test_a_colleague_may_not() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    colleague = factories.member(at=by.practice)
    with pytest.raises(Denied, match="belongs to someone else"):
        policy.check_can_write(draft, colleague)


def test_its_author_may_not_from_another_practice() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    by.practice = factories.practice()
    with pytest.raises(Denied, match="belongs to someone else"):
        policy.check_can_send(
            draft, draft.details, by, Circumstances(factories.pharmacy(), FIRST, TODAY)
        )


def test_what_was_sent_is_not_changed_and_not_sent_again() -> None:
    by = factories.member()
    sent = factories.sent(by=by, at=timezone.now())
    with pytest.raises(Denied, match="has been sent"):
        policy.check_can_write(sent, by)
    with pytest.raises(Denied, match="has been sent"):
        policy.check_can_send(sent, sent.details, by, Circumstances(sent.pharmacy, FIRST, TODAY))


def test_what_was_stopped_is_not_changed_and_never_said_to_be_sent() -> None:
    by = factories.member()
    stopped = factories.stopped(by=by)
    with pytest.raises(Denied, match="has been stopped by its answers and cannot be changed"):
        policy.check_can_write(stopped, by)


def test_nothing_is_sent_without_consent_or_to_a_pharmacy_that_cannot_be_reached() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    for consent in ("", "no"):
        with pytest.raises(Denied, match="not agreed"):
            policy.check_can_send(
                draft,
                factories.details(consent=consent),
                by,
                Circumstances(factories.pharmacy(), FIRST, TODAY),
            )
    with pytest.raises(Denied, match="not accepting referrals"):
        policy.check_can_send(draft, draft.details, by, Circumstances(None, FIRST, TODAY))


def test_nothing_is_sent_that_is_not_complete() -> None:
    by, to = factories.member(), factories.pharmacy()
    draft = factories.draft(by=by, to=to, postcode="")
    with pytest.raises(Denied, match="not complete"):
        policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, TODAY))


EMERGENCY = {"q_emergency": "some", "q_sore_throat_red_flags": "none"}
RED_FLAG = {
    "q_emergency": "none",
    "q_sore_throat_red_flags": "some",
    "q_sore_throat_quinsy": "yes",
}


@pytest.mark.parametrize("answers", [EMERGENCY, RED_FLAG])
def test_nothing_is_sent_that_its_answers_stop(answers: dict[str, str]) -> None:
    by, to = factories.member(), factories.pharmacy()
    draft = factories.draft(by=by, to=to, answers=answers)
    with pytest.raises(Denied, match="answers stop this referral"):
        policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, TODAY))


def test_nothing_is_sent_by_other_questions_than_those_of_today() -> None:
    by, to = factories.member(), factories.pharmacy()
    draft = factories.draft(by=by, to=to, content_pack="2025.9")
    with pytest.raises(Denied, match="questions have changed"):
        policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, TODAY))
    with pytest.raises(Denied, match="not complete"):
        policy.check_can_send(draft, draft.details, by, Circumstances(to, None, TODAY))


@pytest.mark.parametrize(
    ("closed_on", "is_closed"),
    [(None, False), (date(2027, 4, 1), False), (date(2027, 3, 31), True), (date(2020, 1, 1), True)],
)
def test_from_the_day_on_which_a_practice_closes_nothing_new_goes_out(
    closed_on: date | None, is_closed: bool
) -> None:
    by, today = factories.member(), date(2027, 3, 31)
    draft, to = factories.draft(by=by), factories.pharmacy()
    draft.practice.closed_on = closed_on
    if not is_closed:
        policy.check_can_begin(draft.practice, today=today)
        policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, today))
        return
    with pytest.raises(ClosedError, match="Larkfield Surgery closed on"):
        policy.check_can_begin(draft.practice, today=today)
    with pytest.raises(ClosedError, match="sent from the practice that you work at now"):
        policy.check_can_send(draft, draft.details, by, Circumstances(to, FIRST, today))
    policy.check_can_write(draft, by)
