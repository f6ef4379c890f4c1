"""A receiving system that costs next to nothing: ``python -m tests.bench.receiver PORT``.

It answers as BaRS receivers do, after the time that a network and a database take; the
demonstration pharmacy system, which checks everything, would be what is measured. Below /hangs it
takes a message and does not answer until it is told to let go, below /chokes it always fails for
the first one that it got.
"""

import asyncio
import sys

import orjson
from aiohttp import web

DELAY = 0.05  # seconds
choked_on: set[str] = set()
let_go = asyncio.Event()


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


async def hang(request: web.Request) -> web.Response:
    """Take a message, and keep its sender waiting."""
    await request.read()
    await let_go.wait()
    return web.Response(status=503)


async def stop_hanging(_request: web.Request) -> web.Response:
    """Answer the senders that wait."""
    let_go.set()
    return web.Response()


async def choke(request: web.Request) -> web.Response:
    """Fail for the first message that comes, whenever it comes; take all others."""
    if not choked_on or request.headers["X-Request-Id"] in choked_on:
        choked_on.add(request.headers["X-Request-Id"])
        return web.Response(status=503)
    return await receive(request)


async def say_ready(_request: web.Request) -> web.Response:
    """Answer those who wait for it to start."""
    return web.Response(text="ready")


if __name__ == "__main__":
    receiver = web.Application()
    receiver.add_routes(
        [
            web.post("/$process-message", receive),
            web.post("/hangs/$process-message", hang),
            web.post("/chokes/$process-message", choke),
            web.post("/let-go", stop_hanging),
            web.get("/health", say_ready),
        ]
    )
    web.run_app(
        receiver,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        print=None,
        access_log=None,
        shutdown_timeout=1,  # nobody waits for what hangs
    )
