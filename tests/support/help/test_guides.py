"""The table of guides."""

import re

from support.help.guides import GUIDES


def test_each_has_a_name_of_its_own_fit_for_an_address() -> None:
    names = [guide.name for guide in GUIDES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z-]+", name) for name in names)


def test_each_is_found_by_what_people_type() -> None:
    for typed, name in {
        "2fast": "twofast",
        "new phone": "several-apps",
        "hot desk": "second-computer",
        "leaver": "administrators",
        "fingerprint": "passkeys",
        "timed out": "logging-in",
        "iphone": "microsoft-authenticator",
        "impostor": "service-desk",
    }.items():
        found = {
            guide.name for guide in GUIDES if typed in f"{guide.title} {guide.keywords}".lower()
        }
        assert name in found, typed
