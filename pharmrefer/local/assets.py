"""Takes nhsuk-frontend's stylesheet and script out of the wheel that carries them.

They lose what PharmRefer may not use or would break on: the Frutiger font, whose licence is for
NHS organisations (and whose address our Content-Security-Policy refuses), and references to
source maps that the wheel does not carry (collectstatic would stop at them).
"""

import re
from pathlib import Path

from pharmrefer.local import LocalError

FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
FONT_NAME = re.compile(r"Frutiger W01,\s*", re.IGNORECASE)
SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=\S+( \*/)?\n?")


def unpack(wheel: Path, static: Path) -> None:
    """Write ``nhsuk/nhsuk.css`` and ``nhsuk/nhsuk.js`` below ``static`` from an unpacked wheel."""
    target = static / "nhsuk"
    target.mkdir(parents=True, exist_ok=True)
    for kind in ("css", "js"):
        (source,) = wheel.glob(f"wagtailnhsukfrontend/static/*/{kind}/nhsuk-frontend-*.min.{kind}")
        text = SOURCE_MAP.sub("", source.read_text(encoding="utf-8"))
        if kind == "css":
            text = FONT_NAME.sub("", FONT_FACE.sub("", text))
        for unwanted in ("frutiger", "assets.nhs.uk", "sourcemappingurl"):
            if unwanted in text.lower():
                raise LocalError(
                    f"{source.name} still names {unwanted} after clean-up: "
                    "pharmrefer/local/assets.py does not fit this version of nhsuk-frontend."
                )
        (target / f"nhsuk.{kind}").write_text(text, encoding="utf-8")
