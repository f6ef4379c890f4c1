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
    def __init__(self, client: Client | None = None) -> None:
        self._client = client or Client()

    def send(self, envelope: Envelope) -> "Future[Answer]":
        return self._client.run(self._sent(envelope))

    def probe(self) -> "Future[None]":
        # Done when the client's loop has come round, which shows that it works.
        return self._client.run(asyncio.sleep(0))

    def close(self) -> None:
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
