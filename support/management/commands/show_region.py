"""``manage.py show_region``: the regional content that counts now, as load_region takes it."""

from typing import Any

from django.core.management.base import BaseCommand

from support.region import files, versions


class Command(BaseCommand):
    requires_system_checks = ()  # they load every page: half of its start
    help = "Print who to ask, approved apps and notices in TOML, to be changed and loaded again."

    def handle(self, **_options: Any) -> None:
        newest = versions.newest()
        which = f"version {newest.pk}" if newest else "nothing is saved yet"
        self.stdout.write(f"# Regional content of PharmRefer ({which}): see docs/region.md")
        self.stdout.write(files.write(versions.region_of(newest)))
