"""Which addresses patient data may be sent to: those behind https, and this machine. Pure."""

import re

ENDPOINT = r"\A(https://[^\s/?#@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^\s?#]*)?\Z"
_ENDPOINT = re.compile(ENDPOINT)


def is_fit(endpoint: str) -> bool:
    return _ENDPOINT.match(endpoint) is not None
