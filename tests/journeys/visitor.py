"""A browser without a screen, for asking many things at once."""

import http.client
import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from referrals.forms import as_form_data
from tests import factories
from tests.tools import code_for

PASSWORD = "three quiet herons"  # shared by nobody who exists
LONG = "seven quiet grey herons"  # as long as those must be who decide about others
LARKFIELD = "QA103"


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
        opener.addheaders = [("User-Agent", "a browser without a screen")]
        try:
            with opener.open(self.site + path, data=data, timeout=30) as response:
                return Answer(response.url, response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.url or "", error.code, error.read().decode())
        except (OSError, http.client.HTTPException):  # nobody is there
            return Answer("", 0, "")

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

    def sign_in(self, email: str, invitation: str) -> str:
        """Activate an account, and so sign in; return the authenticator's secret."""
        self.send("/activate/", user_name=email, activation_code=invitation)
        secret = secret_on(self.send("/activate/password/", password=PASSWORD))
        answer = self.send("/activate/authenticator/", code=code_for(secret))
        assert answer.url.endswith(("/referrals/", "/desk/")), answer.url
        return secret

    def write_referral(self, **changes: str) -> str:
        """Write a referral and return the address at which it is sent."""
        typed = as_form_data(factories.details(pharmacy=LARKFIELD, **changes))
        del typed["answers"]  # they are there by their own names too
        answer = self.send(self.get("/referrals/new/").url.removeprefix(self.site), **typed)
        assert answer.url.endswith("/send/"), answer.page
        return answer.url.removeprefix(self.site)

    def send_referral(self, address: str) -> Answer:
        """Press Send as people do: again, when that was answered with an error."""
        while (answer := self.send(address, version="1", **self._known(address))).status != 200:
            time.sleep(0.2)
        return answer

    def _known(self, address: str) -> dict[str, str]:
        """Return the answer that what was sent before is known, where the page asks that."""
        found = re.search(r'name="known" value="([^"]*)"', self.get(address).page)
        return {"again": "yes", "known": found[1]} if found else {}

    def token_on(self, path: str) -> str:
        """Return the token of the form on a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).page)
        return found[1] if found else ""


def secret_on(answer: Answer) -> str:
    """Return the secret that the set-up page shows."""
    return "".join(re.findall(r'<span class="app-group">(\w{4})</span>', answer.page))
