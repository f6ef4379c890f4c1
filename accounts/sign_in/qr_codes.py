"""QR codes that authenticator apps read."""

from collections.abc import Iterator
from itertools import groupby

import qrcode


def qr_svg(text: str) -> str:
    # The library's own picture takes ten times as long: it tries all eight masks, any of which can
    # be read, and draws each module by itself. Source: ISO/IEC 18004 (four white modules around).
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, mask_pattern=0)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x},{y}h{length}v1h-{length}z" for x, y, length in _dark_runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}" '
        'shape-rendering="crispEdges"><rect width="100%" height="100%" fill="white"/>'
        f'<path d="{path}" fill="black"/></svg>'
    )


def _dark_runs(rows: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    # Yields where dark modules beside each other begin (x, y), and how many they are.
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                yield x, y, length
            x += length
