"""How long it takes from pressing Send until the pharmacy's system has it."""

import os
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pharmrefer.local.programs import pharmacy_system, workers
from referrals.models.messages import Message
from tests import factories
from tests.bench import people
from tests.bench.effort import whole_or
from tests.bench.load import asking, crowd, post
from tests.pharmacy_system import received_by
from tests.pharmrefer.local.harness import free_port, wait_until
from tests.running import running

SENDS = whole_or(60, 3)
PAUSE = 0.1  # seconds: nobody else is at work


def measure(folder: Path, port: int) -> dict[str, float]:
    """Return seconds, at the median and at the 95th percentile."""
    Message.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=None)
    pharmacy_port = free_port()
    endpoint = f"http://127.0.0.1:{pharmacy_port}"
    to = factories.pharmacy(endpoint=endpoint)
    person = factories.member()
    cookie = people.session_cookie(person)
    drafts = [factories.draft(by=person, to=to, **people.patient(n)) for n in range(1 + SENDS)]
    pressed: dict[UUID, datetime] = {}
    programs = workers(dict(os.environ), folder)
    with running([pharmacy_system(pharmacy_port, folder), *programs], folder):
        for draft in drafts:
            request = post(f"/referrals/{draft.pk}/send/", cookie, version="1", known="0")
            pressed[draft.pk] = datetime.now(UTC)
            crowd(port, [asking(request, leads_to=f"/referrals/{draft.pk}/")], at_once=1)
            if draft is drafts[0]:  # the workers are still starting: it is not measured
                wait_until(lambda: bool(received_by(endpoint)), seconds=60, what="workers are up")
            time.sleep(PAUSE)
        wait_until(lambda: len(received_by(endpoint)) > SENDS, seconds=60, what="all received")
        del pressed[drafts[0].pk]
        received = {UUID(each["request_id"]): each for each in received_by(endpoint)}
    messages = Message.objects.filter(referral__in=pressed).values_list("pk", "referral")
    took = [
        datetime.fromisoformat(received[message]["received_at"]) - pressed[referral]
        for message, referral in messages
    ]
    assert len(took) == SENDS
    percentiles = statistics.quantiles([each.total_seconds() for each in took], n=100)
    return {"received_p50_s": percentiles[49], "received_p95_s": percentiles[94]}
