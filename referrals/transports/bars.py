"""Sends messages as BaRS Core asks: each is posted to one operation of an API over HTTP."""

import asyncio
import time
from concurrent.futures import Future
from datetime import timedelta

from referrals import endpoints
from referrals.fhir import answers
from referrals.transports import Answer, Envelope, TransportError
from referrals.transports.over_http import Client
from referrals.verdicts import Reason

OPERATION = "$process-message"


class Bars:
    """BaRS, over one client for the whole process."""

    def __init__(self, client: Client | None = None) -> None:
        """Start a client, unless one is given."""
        self._client = client or Client()

    def send(self, envelope: Envelope) -> "Future[Answer]":
        """Begin to post it; see ``Transport``."""
        return self._client.run(self._sent(envelope))

    def probe(self) -> "Future[None]":
        """Return what is over as soon as the client's loop has come round: it works."""
        return self._client.run(asyncio.sleep(0))

    def close(self) -> None:
        """Let go of connections and end the thread."""
        self._client.close()

    async def _sent(self, envelope: Envelope) -> Answer:
        if not endpoints.is_fit(envelope.endpoint):
            raise TransportError(
                "no address that is fit for patient data: see the table of routes",
                reason=Reason.NO_ROUTE,
                may_have_arrived=False,
                permanent=True,
            )
        begun = time.monotonic()
        url = f"{envelope.endpoint.rstrip('/')}/{OPERATION}"
        response = await self._client.answered(url, envelope.headers, envelope.body)
        verdict = answers.read(
            response,
            request_id=envelope.message_id,
            correlation_id=envelope.correlation_id,
            bundle_id=envelope.bundle_id,
            now=envelope.sent_at + timedelta(seconds=time.monotonic() - begun),
        )
        return Answer(verdict, response.status, response.body)
