"""One-time codes, against the RFC's own values and tools that are not ours."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pyotp
import pytest

from accounts.factors import totp
from accounts.sign_in import qr_codes
from tests.tools import code_for

# RFC 6238 appendix B: the SHA-1 secret in base32, and its codes' last six digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_a_secret_is_32_characters_that_every_app_takes() -> None:
    secrets = {totp.new_secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert all(re.fullmatch("[A-Z2-7]{32}", secret) for secret in secrets)


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.matching_step(RFC_SECRET, code, at) == seconds // 30 == totp.step_at(at)


@pytest.mark.needs("oathtool")
@pytest.mark.parametrize(
    ("seconds_off", "steps"), [(-60, None), (-30, -1), (0, 0), (30, 1), (60, None)]
)
def test_one_step_either_side_is_accepted(seconds_off: int, steps: int | None) -> None:
    code = code_for(RFC_SECRET, at=NOON, seconds_off=seconds_off)
    expected = None if steps is None else totp.step_at(NOON) + steps
    assert totp.matching_step(RFC_SECRET, code, NOON) == expected


@pytest.mark.needs("oathtool")
def test_the_server_s_time_counts_to_the_second() -> None:
    code = code_for(RFC_SECRET, at=NOON)
    last = NOON + timedelta(seconds=59.9)
    assert totp.matching_step(RFC_SECRET, code, last) is not None
    assert totp.matching_step(RFC_SECRET, code, NOON + timedelta(seconds=60)) is None


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "123 456",
        " 123456\n",
        "123-456",
        "123\u00a0456",
        "\ufeff123\u200b456",
        "１２３　４５６",
        "123\u2013456",
        "\u202a123\u00ad456\u202c",
        "(123456).",
        "123456\x00",
        "1 2 3 4 5 6",
    ],
)
def test_what_comes_along_when_a_code_is_pasted_is_ignored(typed: str) -> None:
    assert totp.clean_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        *("", "12345", "1234567", "12345a", "+12345", "123_456", "-", "１２３４５６７"),
        *("0000123456", "12345.", "١٢٣٤٥٦", "12.34.56", "1e5", "x" * 10_000),
    ],
)
def test_anything_else_is_not_a_code(typed: str) -> None:
    with pytest.raises(totp.NotACodeError):
        totp.clean_code(typed)


@pytest.mark.parametrize(
    ("user_name", "escaped"),
    [
        ("jane@nhs.net", "jane%40nhs.net"),
        ("o'neil@nhs.net", "o%27neil%40nhs.net"),
        ("jane+desk@nhs.net", "jane%2Bdesk%40nhs.net"),
    ],
)
def test_the_address_is_one_that_every_app_reads(user_name: str, escaped: str) -> None:
    uri = totp.provisioning_uri(RFC_SECRET, user_name)
    assert uri == (
        f"otpauth://totp/PharmRefer:{escaped}"
        f"?secret={RFC_SECRET}&issuer=PharmRefer&algorithm=SHA1&digits=6&period=30"
    )
    read = pyotp.parse_uri(uri)
    assert (read.name, read.issuer, read.secret) == (user_name, "PharmRefer", RFC_SECRET)


def test_a_barcode_brings_its_own_white_background_and_its_size() -> None:
    svg = ET.fromstring(qr_codes.qr_svg(totp.provisioning_uri(RFC_SECRET, "jane@nhs.net")))  # noqa: S314
    assert svg.get("viewBox")
    rect = next(element for element in svg if element.tag.endswith("rect"))
    assert rect.get("fill") == "white"
    assert (rect.get("width"), rect.get("height")) == ("100%", "100%")
    # Four modules of white all around, as ISO/IEC 18004 asks: nothing is drawn nearer.
    runs = dark_runs(svg)
    size = int((svg.get("viewBox") or "").split()[2])
    assert min(x for x, _, _ in runs) == min(y for _, y, _ in runs) == 4
    assert max(x + length for x, _, length in runs) == size - 4
    assert max(y for _, y, _ in runs) == size - 5


def dark_runs(svg: ET.Element) -> list[tuple[int, int, int]]:
    path = next(element for element in svg if element.tag.endswith("path")).get("d") or ""
    found = re.findall(r"M(\d+),(\d+)h(\d+)v1h-(\d+)z", path)
    assert path == "".join(f"M{x},{y}h{length}v1h-{back}z" for x, y, length, back in found)
    assert all(length == back for _, _, length, back in found)
    return [(int(x), int(y), int(length)) for x, y, length, _ in found]


def picture(svg: ET.Element) -> bytes:
    """Return the barcode as a portable bitmap, three dots wide for each module."""
    size = int((svg.get("viewBox") or "").split()[2])
    rows = [["0"] * size for _ in range(size)]
    for x, y, length in dark_runs(svg):
        rows[y][x : x + length] = ["1"] * length
    wide = [" ".join(dot for dot in row for _ in range(3)) for row in rows for _ in range(3)]
    return "\n".join([f"P1 {3 * size} {3 * size}", *wide]).encode()


@pytest.mark.needs("zbarimg")
def test_any_barcode_can_be_read_though_the_mask_is_always_the_same(tmp_path: Path) -> None:
    uris = [
        totp.provisioning_uri(totp.new_secret(), f"{'j' * (number + 1)}@larkfield.nhs.example")
        for number in range(60)
    ]
    for number, uri in enumerate(uris):
        svg = ET.fromstring(qr_codes.qr_svg(uri))  # noqa: S314  our own
        (tmp_path / f"{number:02}.pbm").write_bytes(picture(svg))
    files = sorted(map(str, tmp_path.iterdir()))
    command = ["zbarimg", "--quiet", "--raw", *files]
    read = subprocess.run(command, check=True, capture_output=True, text=True)
    assert read.stdout.splitlines() == uris
