"""Where a request comes from: for the audit, and for how often a user may try."""

import getpass
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
LONGEST_BROWSER = 200  # characters of what a browser calls itself that are kept
LONGEST_DEVICE = 30  # characters of what a known browser is told from others by
ONE_HOUSEHOLD = 64  # bits of an IPv6 address: one line has all that follow


@dataclass(frozen=True)
class Device:
    """A browser in which people have logged in before, and who: keyed hashes of user names."""

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    address: str | None
    browser: str
    device: Device | None = None

    @property
    def line(self) -> str:
        """The address by which tries are counted: for IPv6 the whole line's."""
        if self.address is None:
            return "none"
        made = ip_address(self.address)
        if made.version == 4:
            return self.address
        return str(ip_network((made, ONE_HOUSEHOLD), strict=False))


def console() -> Origin:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "a user without a name"
    return Origin(None, f"manage.py, {name}"[:LONGEST_BROWSER])


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str | None:
    """Return the address of who asks, as far as it can be trusted; None if there is none.

    Args:
        peer: whom the connection is with.
        forwarded_for: the header ``X-Forwarded-For``: each proxy adds on the right whom it has
            heard from, so what stands left of a proxy that is not ours may be invented.
        trusted: the networks of our own proxies.
    """
    found = _parsed(peer)
    for text in reversed(forwarded_for.split(",")):
        if found is None or not _is_in(found, trusted):
            break
        said = _parsed(text)
        if said is None:
            break
        found = said
    return str(found) if found else None


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return found.ipv4_mapped
        if found.scope_id:  # a zone is no part of the address, and PostgreSQL has none
            return IPv6Address(int(found))
    return found


def _is_in(address: IPv4Address | IPv6Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
