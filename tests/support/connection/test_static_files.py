"""What a browser is told of style sheets and scripts is what the server sends."""

import hashlib

from django.test import Client

from support.connection import static_files


def test_each_is_as_it_is_served(client: Client) -> None:
    found = static_files.expected()
    assert len(found) == len(static_files.NAMES)
    for address, expected in found.items():
        response = client.get(address)
        assert response.status_code == 200
        body = b"".join(response)  # a file is streamed
        assert expected == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_they_are_those_of_every_page(client: Client) -> None:
    page = client.get("/connection/").content.decode()
    named = [address for address in static_files.expected() if f'="{address}"' in page]
    assert len(named) == len(static_files.NAMES) - 1  # app.js brings nhsuk.js along
