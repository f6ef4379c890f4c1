"""Asks a pharmacy's system to take a message, and has written down what came of it."""

import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from django.db import DatabaseError, InterfaceError, close_old_connections

from referrals import clock, delivery
from referrals.delivery import Claim, Finished
from referrals.fhir import answers
from referrals.fhir.answers import Answer, Kind, Reason, Verdict
from referrals.models.pharmacies import ENDPOINT
from referrals.transports import Request, TransportError

logger = logging.getLogger(__name__)


class Client(Protocol):
    """Posts."""

    def begin(self, request: Request) -> "Future[Answer]":
        """Begin to post; the answer, or a TransportError, comes later."""

    def turn(self) -> "Future[None]":
        """Return what is over as soon as it shows that it works."""


class _NoRouteError(Exception):
    """There is no address, or one that is not fit for patient data."""


class _NotSentError(Exception):
    """A fault of ours, before anything has left."""


def ask(claimed: Claim, client: Callable[[], Client]) -> "Future[Answer]":
    """Begin to ask the pharmacy's system."""
    failed: Future[Answer] = Future()
    if not re.match(ENDPOINT, claimed.endpoint):
        failed.set_exception(_NoRouteError())
        return failed
    message = claimed.message
    try:
        address = f"{claimed.endpoint.rstrip('/')}/$process-message"
        return client().begin(Request(address, message.headers, message.body))
    except Exception as error:  # noqa: BLE001  it is logged when it is read
        fault = _NotSentError()
        fault.__cause__ = error
        failed.set_exception(fault)
        return failed


def conclude(
    claimed: Claim, coming: "Future[Answer]", *, go_on: bool = False
) -> tuple[Verdict, Finished]:
    """Have written down what came of an attempt that is over; ``go_on`` as for ``finish``."""
    verdict, answer = _read(claimed, coming)
    status, body = (answer.status, answer.body) if answer else (None, b"")
    finished = _insist(
        lambda: delivery.finish(claimed, verdict, status=status, body=body, go_on=go_on)
    )
    return verdict, finished


def _read(claimed: Claim, coming: "Future[Answer]") -> tuple[Verdict, Answer | None]:
    """Return what an answer means; whatever goes wrong is a verdict too."""
    message = claimed.message
    try:
        answer = coming.result()
        verdict = answers.read(
            answer,
            request_id=message.id,
            correlation_id=message.correlation_id,
            bundle_id=message.bundle_id,
            now=clock.about_now(),
        )
    except _NoRouteError:
        return Verdict(Kind.REFUSED, Reason.NO_ROUTE, may_have_arrived=False), None
    except TransportError as error:
        # By its kind, as in ClientConnectorCertificateError: nobody there, or not who they say.
        logger.warning("message %s got no answer: %s", message.pk, error)
        reason = Reason.NO_ANSWER if error.may_have_arrived else Reason.UNREACHABLE
        return Verdict(Kind.RETRY, reason, may_have_arrived=error.may_have_arrived), None
    except Exception as error:  # such as a key that is missing: others must not wait for it
        logger.exception("message %s cannot be sent", message.pk)
        has_left = not isinstance(error, _NotSentError)
        return Verdict(Kind.RETRY, Reason.OUR_FAULT, may_have_arrived=has_left), None
    return verdict, answer


def _insist(write: Callable[[], Finished]) -> Finished:
    """Write down what cannot be asked again, also when the database is away for a moment."""
    for wait in (0.5, 2.0, 5.0):
        try:
            return write()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("writing down an attempt failed: %s", type(error).__name__)
            time.sleep(wait)
            close_old_connections()
    return write()  # or the attempt stays unknown, and the lease ends
