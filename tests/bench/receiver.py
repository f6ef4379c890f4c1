"""A receiving system that costs next to nothing: ``python -m tests.bench.receiver PORT``.

It answers as BaRS receivers do, after the time that a network and a database take; the
demonstration pharmacy system, which checks everything, would be what is measured.
"""

import asyncio
import sys

import orjson
from aiohttp import web

DELAY = 0.05  # seconds


async def receive(request: web.Request) -> web.Response:
    """Take a message and give it a reference."""
    bundle = orjson.loads(await request.read())
    await asyncio.sleep(DELAY)
    encounter = {
        "resourceType": "Encounter",
        "id": bundle["id"],
        "status": "planned",
        "identifier": [{"value": "WS-1234"}],
    }
    answer = {"resourceType": "Bundle", "id": bundle["id"], "entry": [{"resource": encounter}]}
    echoed = {name: request.headers[name] for name in ("X-Request-Id", "X-Correlation-Id")}
    return web.Response(body=orjson.dumps(answer), headers=echoed)


async def say_ready(_request: web.Request) -> web.Response:
    """Answer whoever waits for it to start."""
    return web.Response(text="ready")


if __name__ == "__main__":
    receiver = web.Application()
    receiver.add_routes([web.post("/$process-message", receive), web.get("/health", say_ready)])
    web.run_app(receiver, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
