"""Pages on paper: how many sheets one takes."""

import re

from playwright.sync_api import Page, PdfMargins

MARGINS = PdfMargins(top="15mm", right="15mm", bottom="15mm", left="15mm")


def sheets_of(page: Page, *, size: str = "A4") -> int:
    """Print the page that is open; in what Chromium writes, each sheet is an object of its own."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=size, margin=MARGINS)))
