"""Takes the choice of a character set away from the client."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def plain_content_type(value: str) -> str:
    """Return a Content-Type with its boundary and no other parameter.

    Django decodes a form in whichever of Python's codecs the header names, and some of those
    cannot decode or bring down the request before any of our code runs. Our forms are UTF-8.
    """
    kind = value.partition(";")[0].strip()
    boundary = re.search(r';\s*boundary=("[^"]+"|[^";\s]+)\s*(?:;|$)', value, re.IGNORECASE)
    return f"{kind}; boundary={boundary[1]}" if boundary else kind


def with_plain_content_type(application: Application) -> Application:
    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = plain_content_type(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return wrapped
