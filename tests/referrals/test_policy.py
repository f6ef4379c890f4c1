"""Who may write and send which referral: its author, where it was begun, while it is a draft."""

import pytest
from django.utils import timezone

from referrals import policy
from referrals.policy import DeniedError
from tests import factories

pytestmark = pytest.mark.django_db


def test_its_author_may_write_and_send_a_draft() -> None:
    by = factories.member()
    draft, to = factories.draft(by=by), factories.pharmacy()
    policy.check_can_write(draft, by)
    policy.check_can_send(draft, draft.details, to, by)


def test_a_colleague_may_not() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    colleague = factories.member(at=by.practice)
    with pytest.raises(DeniedError, match="somebody else's"):
        policy.check_can_write(draft, colleague)


def test_its_author_may_not_from_another_practice() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    by.practice = factories.practice()
    with pytest.raises(DeniedError, match="somebody else's"):
        policy.check_can_send(draft, draft.details, factories.pharmacy(), by)


def test_what_was_sent_is_not_changed_and_not_sent_again() -> None:
    by = factories.member()
    sent = factories.sent(by=by, at=timezone.now())
    with pytest.raises(DeniedError, match="has been sent"):
        policy.check_can_write(sent, by)
    with pytest.raises(DeniedError, match="has been sent"):
        policy.check_can_send(sent, sent.details, sent.pharmacy, by)


def test_nothing_is_sent_without_consent_or_to_a_pharmacy_that_cannot_be_reached() -> None:
    by = factories.member()
    draft = factories.draft(by=by)
    for consent in ("", "no"):
        with pytest.raises(DeniedError, match="no consent"):
            policy.check_can_send(
                draft, factories.details(consent=consent), factories.pharmacy(), by
            )
    with pytest.raises(DeniedError, match="Choose another pharmacy"):
        policy.check_can_send(draft, draft.details, None, by)
