"""A browser without a screen, for asking many things at once."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What came back, after every redirect."""

    url: str
    status: int
    page: str


@dataclass
class Visitor:
    """Keeps cookies, sends forms with the token of the page they stand on."""

    site: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def _open(self, path: str, data: bytes | None = None) -> Answer:
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({})
        )
        try:
            with opener.open(self.site + path, data=data, timeout=30) as response:
                return Answer(response.url, response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.url or "", error.code, error.read().decode())

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._open(path)

    def send(self, path: str, **fields: str) -> Answer:
        """Open a page and send its form."""
        return self.post(path, self.token_on(path), **fields)

    def post(self, path: str, token: str, **fields: str) -> Answer:
        """Send a form whose token is known."""
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token})
        return self._open(path, data.encode())

    def token_on(self, path: str) -> str:
        """Return the token of the form on a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).page)
        assert found, f"{path} has no form"
        return found[1]
