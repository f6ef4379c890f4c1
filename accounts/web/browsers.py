"""What people call a browser, made of what it calls itself: a hint for its owner, proof of nothing.

Pure. Nearly all of them claim to be several others, so the order of each list matters.
"""

import re

_BROWSERS = (
    (re.compile(r"\b(?:Edg|EdgA|EdgiOS|Edge)/"), "Edge"),
    (re.compile(r"\b(?:OPR|Opera)/"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\b(?:Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(?:Chrome|Chromium|CriOS|HeadlessChrome)/"), "Chrome"),
    (re.compile(r"\bVersion/[\d.]+ .*\bSafari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"\biPhone\b"), "an iPhone"),
    (re.compile(r"\biPad\b"), "an iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bMacintosh\b"), "a Mac"),
    (re.compile(r"\bLinux\b"), "Linux"),
)


def name_of(user_agent: str) -> str:
    """Return what a person would call it, as in ``Chrome on Windows``, or ``A browser``."""
    browser, system = kind_of(user_agent), system_of(user_agent)
    return f"{browser} on {system}" if system else browser


def kind_of(user_agent: str) -> str:
    return next((name for form, name in _BROWSERS if form.search(user_agent)), "A browser")


def system_of(user_agent: str) -> str:
    return next((name for form, name in _SYSTEMS if form.search(user_agent)), "")
