"""Stub until merged."""

from datetime import date
from functools import cache
from pathlib import Path
from referrals.clinical.packs import Pack
from referrals.clinical.reading import read_pack


class ContentPack:
    @staticmethod
    @cache
    def in_force(today: date) -> Pack | None:
        return read_pack(Path(__file__).parent.parent / "clinical/content/2026.1")

    @staticmethod
    def of_version(version: str) -> Pack:
        return read_pack(Path(__file__).parent.parent / "clinical/content/2026.1")
