"""Undoes how an answer was compressed on its way, never to more than we would have read.

We ask for none (``Accept-Encoding: identity``), and something on the way may do it all the same.
"""

import zlib

_GZIP, _ZLIB, _RAW = 31, zlib.MAX_WBITS, -zlib.MAX_WBITS  # zlib's wbits
_WAYS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}
_MAGIC = b"\x1f\x8b"  # how gzip begins, and neither JSON nor XML does
MOST_LAYERS = 3


def plain(body: bytes, encoding: str, *, longest: int) -> bytes:
    """Return a body decompressed, or the beginning of one that is too long.

    What cannot be decompressed is returned as it came. So is what was decompressed on the way by
    something that left the header as it was.

    Args:
        encoding: the Content-Encoding; several were applied one after another.
        longest: bytes.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    for name in [name for name in reversed(names) if name in _WAYS][:MOST_LAYERS]:
        body = _undone(body, _WAYS[name], longest)
    if body.startswith(_MAGIC):  # whatever the header says
        body = _undone(body, _WAYS["gzip"], longest)
    return body[:longest]


def _undone(body: bytes, ways: tuple[int, ...], longest: int) -> bytes:
    for way in ways:
        try:
            return _inflated(body, way, longest)
        except zlib.error:
            continue
    return body


def _inflated(body: bytes, way: int, longest: int) -> bytes:
    # gzip may have several members; what is cut off is returned as far as it goes.
    whole = b""
    while body and len(whole) <= longest:
        member = zlib.decompressobj(way)
        whole += member.decompress(body, longest + 1 - len(whole))
        body = member.unused_data.lstrip(b"\0")
        if not member.eof:
            break
    return whole
