"""What people call a browser."""

import pytest

from accounts.web.browsers import name_of

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 {}Safari/537.36"
WINDOWS, MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
IPHONE, IPAD = (f"{each}; CPU OS 18_5 like Mac OS X" for each in ("iPhone", "iPad"))
WEBKIT = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) {}Safari/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME.format(WINDOWS, ""), "Chrome on Windows"),
        (CHROME.format(WINDOWS, "") + " Edg/138.0.0.0", "Edge on Windows"),
        (CHROME.format(WINDOWS, "") + " OPR/120.0.0.0", "Opera on Windows"),
        (CHROME.format("Linux; Android 10; K", "Mobile "), "Chrome on Android"),
        (CHROME.format("Linux; Android 10; K", "") + " EdgA/138.0.0.0", "Edge on Android"),
        (
            CHROME.format("Linux; Android 14; SM", "").replace(
                "Chrome/", "SamsungBrowser/28.0 Chrome/"
            ),
            "Samsung Internet on Android",
        ),
        (CHROME.format("X11; CrOS x86_64 14541.0.0", ""), "Chrome on ChromeOS"),
        (
            CHROME.format("X11; Linux x86_64", "").replace("Chrome", "HeadlessChrome"),
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (WEBKIT.format(MAC, "Version/18.5 "), "Safari on a Mac"),
        (WEBKIT.format(IPHONE, "Version/18.5 Mobile/15E148 "), "Safari on an iPhone"),
        (WEBKIT.format(IPHONE, "CriOS/138.0 Mobile/15E148 "), "Chrome on an iPhone"),
        (WEBKIT.format(IPAD, "FxiOS/140.0 Mobile/15E148 "), "Firefox on an iPad"),
        (WEBKIT.format(IPAD, "EdgiOS/138.0 Version/18.0 Mobile/15E148 "), "Edge on an iPad"),
        (WEBKIT.format(IPHONE, "Mobile/15E148 "), "A browser on an iPhone"),
        ("Firefox, in tests", "A browser"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
        ("<script>Windows</script>", "A browser on Windows"),
    ],
)
def test_it_is_said_in_plain_words(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name
