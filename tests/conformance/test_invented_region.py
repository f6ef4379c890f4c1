"""The invented region is invented: no code in it belongs to a real organisation."""

import csv
import json
from pathlib import Path

import pytest

from pharmrefer.local.programs import REGION

pytestmark = pytest.mark.needs("shared")


def test_no_code_or_name_is_a_real_one(shared: Path) -> None:
    region = json.loads(REGION.read_text())
    real_codes, real_names = set(), set()
    for file in ("epraccur_2024-01.csv", "edispensary_2025-04.csv"):
        with (shared / "ods" / file).open(encoding="latin-1", newline="") as rows:
            for row in csv.reader(rows):
                real_codes |= {row[0], row[3]}
                real_names.add((row[1].casefold(), row[9].split()[0] if row[9] else ""))
    assert len(real_codes) > 20_000
    for practice in region["practices"]:
        assert practice["ods_code"] not in real_codes
        assert (practice["name"].casefold(), practice["postcode"].split()[0]) not in real_names
    assert region["icb"]["ods_code"] not in real_codes
