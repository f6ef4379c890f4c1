"""Posts bytes over HTTP and brings the response back, within a time that is kept.

One event loop in a thread of its own serves all threads of the process. The deadline covers
everything, down to the last byte of the answer: a client without one hangs for as long as the
other side lets a byte drip now and then. Redirects are not followed: patient data go where we
send them and nowhere else.
"""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from referrals.fhir.answers import Response
from referrals.transports import TransportError, encodings
from referrals.verdicts import Reason

CONNECT_WITHIN = 3.0  # seconds
READ_WITHIN = 10.0  # seconds without a byte
ANSWER_WITHIN = 20.0  # seconds in all
LARGEST_ANSWER = 65_536  # bytes, compressed or not; what is longer is cut off
# What is compressed on the way all the same is undone here, within the same bound.
AS_IT_IS = {"Accept-Encoding": "identity"}
# There is no such address, no server is there, or its certificate is not valid for it.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ValueError)
Result = TypeVar("Result")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            response.close()
            break
    return bytes(body[:LARGEST_ANSWER])


class Client:
    """Posts requests; safe to use from many threads."""

    def __init__(
        self, *, read_within: float = READ_WITHIN, answer_within: float = ANSWER_WITHIN
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(
            total=answer_within, sock_connect=CONNECT_WITHIN, sock_read=read_within
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http", daemon=True)
        self._thread.start()
        self._session = self._await(self._open())

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=self._timeout,
            # As many at once as are begun; none waits for another pharmacy's.
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # The headers that were stored, and no others but AS_IT_IS.
            skip_auto_headers=["User-Agent", "Accept-Encoding", "Content-Type", "Accept"],
        )

    def _await(self, work: Coroutine[Any, Any, Result]) -> Result:
        # The loop keeps the deadline; this is for the case that the loop itself does not work.
        return self.run(work).result(ANSWER_WITHIN + 5)

    def run(self, work: Coroutine[Any, Any, Result]) -> "Future[Result]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def answered(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Post ``body``; the response comes, whatever it says, within 20 seconds.

        Raises:
            TransportError: there was none, or not all of it.
        """
        try:
            return await self._post(url, headers, body)
        except NEVER_SENT as error:
            # The error's kind says which it was, as ClientConnectorCertificateError does.
            raise TransportError(
                type(error).__name__, reason=Reason.UNREACHABLE, may_have_arrived=False
            ) from error
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise TransportError(
                type(error).__name__, reason=Reason.NO_ANSWER, may_have_arrived=True
            ) from error

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        asked = self._session.post(
            URL(url, encoded=True),
            data=body,
            headers={**AS_IT_IS, **headers},
            allow_redirects=False,
        )
        async with asked as response:
            encoding = ",".join(response.headers.getall("Content-Encoding", []))
            said = encodings.plain(await _read(response), encoding, longest=LARGEST_ANSWER)
            return Response(response.status, dict(response.headers), said)

    def close(self) -> None:
        self._await(self._session.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
