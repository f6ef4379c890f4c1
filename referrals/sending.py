"""Makes an attempt by a transport, and has written down what came of it."""

import atexit
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils.module_loading import import_string

from referrals import clock, delivery
from referrals.delivery import Claim, Finished
from referrals.transports import Answer, Envelope, Transport, TransportError
from referrals.verdicts import Reason, Verdict, VerdictKind

logger = logging.getLogger(__name__)

_one_at_a_time = threading.Lock()


@cache
def _started() -> Transport:
    # By its name, as Django loads backends: BaRS's takes 0.3 s and 30 MB, and few processes send.
    made: Transport = import_string(settings.TRANSPORT)()
    atexit.register(made.close)
    return made


def transport() -> Transport:
    with _one_at_a_time:  # many threads need it at the same moment
        return _started()


class _NotSentError(Exception):
    """A fault of ours, before anything has left."""


def begin(claimed: Claim, ways: Callable[[], Transport]) -> "Future[Answer]":
    """Begin to send a message; what goes wrong is in the future, for ``conclude``."""
    try:
        return ways().send(_envelope(claimed))
    except Exception as error:  # noqa: BLE001  it is logged when it is read
        failed: Future[Answer] = Future()
        fault = _NotSentError()
        fault.__cause__ = error
        failed.set_exception(fault)
        return failed


def _envelope(claimed: Claim) -> Envelope:
    message = claimed.message
    return Envelope(
        message_id=message.id,
        correlation_id=message.correlation_id,
        bundle_id=message.bundle_id,
        endpoint=claimed.endpoint,
        headers=message.headers,
        body=message.body,
        sent_at=clock.about_now(),
    )


def conclude(
    claimed: Claim, coming: "Future[Answer]", *, go_on: bool = False
) -> tuple[Verdict, Finished]:
    """Write down what came of an attempt that is over; ``go_on`` as for ``delivery.finish``."""
    answer = _answer(claimed, coming)
    finished = _insist(lambda: delivery.finish(claimed, answer, go_on=go_on))
    return answer.verdict, finished


def _answer(claimed: Claim, coming: "Future[Answer]") -> Answer:
    message = claimed.message
    try:
        return coming.result()
    except TransportError as error:
        logger.warning("message %s got no answer: %s", message.pk, error)
        kind = VerdictKind.REFUSED if error.permanent else VerdictKind.RETRY
        return Answer(Verdict(kind, error.reason, may_have_arrived=error.may_have_arrived))
    except _NotSentError:  # such as a key that is missing: others must not wait for it
        logger.exception("message %s cannot be sent", message.pk)
        return _our_fault(may_have_arrived=False)
    except Exception:
        logger.exception("message %s was sent, but what came of it is not known", message.pk)
        return _our_fault(may_have_arrived=True)


def _our_fault(*, may_have_arrived: bool) -> Answer:
    return Answer(Verdict(VerdictKind.RETRY, Reason.OUR_FAULT, may_have_arrived=may_have_arrived))


def _insist(write: Callable[[], Finished]) -> Finished:
    # What came of it cannot be asked again, and the database may be away for a moment.
    for wait in (0.5, 2.0, 5.0):
        try:
            return write()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("writing down an attempt failed: %s", type(error).__name__)
            time.sleep(wait)
            close_old_connections()
    return write()  # or the attempt stays unknown, and the lease ends
