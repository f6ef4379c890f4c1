"""Only what we may ship leaves the wheel."""

from pathlib import Path

import pytest

from pharmrefer.local import LocalError, assets


def wheel(folder: Path, css: str) -> Path:
    for kind, text in (("css", css), ("js", "export {};\n//# sourceMappingURL=a.js.map\n")):
        below = folder / "wagtailnhsukfrontend" / "static" / "any" / kind
        below.mkdir(parents=True)
        (below / f"nhsuk-frontend-1.2.3.min.{kind}").write_text(text)
    return folder


def test_the_font_and_the_source_maps_are_taken_out(tmp_path: Path) -> None:
    css = (
        "html{font-family:Frutiger W01,arial,sans-serif}"
        "@font-face{font-family:Frutiger W01;src:url(https://assets.nhs.uk/f.woff2)}"
        "p{color:red}\n/*# sourceMappingURL=a.css.map */\n"
    )
    assets.unpack(wheel(tmp_path / "wheel", css), tmp_path / "static")
    written = tmp_path / "static" / "nhsuk"
    assert (written / "nhsuk.css").read_text() == "html{font-family:arial,sans-serif}p{color:red}\n"
    assert (written / "nhsuk.js").read_text() == "export {};\n"


def test_a_version_that_does_not_fit_stops_the_installation(tmp_path: Path) -> None:
    css = "html{font-family:'Frutiger Neue'}"
    with pytest.raises(LocalError, match="still names frutiger"):
        assets.unpack(wheel(tmp_path / "wheel", css), tmp_path / "static")
