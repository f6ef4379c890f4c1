"""``manage.py load_demonstration``: an invented region, for machines where nobody is treated."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone
from msgspec import structs

from accounts import errors
from accounts.actor import at_console
from accounts.models.people import IntegratedCareBoard, Practice, User
from accounts.people import new_accounts
from accounts.roles import Role
from referrals import content_packs, grid_references, imports
from referrals.clinical import reading
from referrals.management import files
from referrals.models.content_packs import ContentPack
from referrals.models.pharmacies import Pharmacy


class Command(BaseCommand):
    """Loads what is not there yet, and prints activation codes of people who are new."""

    requires_system_checks = ()  # they load every page: half of its start
    help = "Load an invented region and print its people's activation codes once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="JSON, as pharmrefer/demo/region.json")
        parser.add_argument("--new-codes", action="store_true", help="print new codes for everyone")
        parser.add_argument(
            "--pharmacy-system",
            metavar="URL",
            help="where the demonstration pharmacies' one answers",
        )

    def handle(
        self, *, file: Path, new_codes: bool, pharmacy_system: str | None, **_options: Any
    ) -> None:
        region = json.loads(file.read_text(encoding="utf-8"))
        with transaction.atomic():
            practices = self._load_practices(region)
            self._load_pharmacies(region, pharmacy_system)
            with files.lines(file.with_name(region["postcodes"])) as lines:
                imports.bring_postcodes(grid_references.read(lines), tell=lambda _: None)
            for entry in region["people"]:
                user, is_new = self._load_person(entry, practices)
                if is_new or new_codes:
                    said = self._code_for(user)
                    self.stdout.write(f"{Role(entry['role']).label:<24}{user.email:<36}{said}")
            if not ContentPack.objects.exists():
                self._load_clinical_content(region)

    def _code_for(self, user: User) -> str:
        try:
            return new_accounts.issue_activation(user, at_console(timezone.now()))
        except errors.Denied as error:
            return f"no code. {error}"

    def _load_practices(self, region: dict[str, Any]) -> dict[str, Practice]:
        icb, _ = IntegratedCareBoard.objects.get_or_create(
            ods_code=region["icb"]["ods_code"], defaults={"name": region["icb"]["name"]}
        )
        return {
            entry["ods_code"]: Practice.objects.get_or_create(
                ods_code=entry["ods_code"], defaults={**entry, "icb": icb}
            )[0]
            for entry in region["practices"]
        }

    def _load_pharmacies(self, region: dict[str, Any], endpoint: str | None) -> None:
        for entry in region["pharmacies"]:
            Pharmacy.objects.get_or_create(
                ods_code=entry["ods_code"], defaults={**entry, "offers_pharmacy_first": True}
            )
        if endpoint:  # another one at each start of make run on another port
            invented = Pharmacy.objects.filter(
                ods_code__in=[entry["ods_code"] for entry in region["pharmacies"]]
            )
            invented.update(endpoint=endpoint)

    def _load_clinical_content(self, region: dict[str, Any]) -> None:
        """Make the first pack live, as two operators do."""
        actor, pack = at_console(timezone.now()), reading.read_pack(content_packs.FIRST_PACK)
        if pack.ends_on < actor.today:  # what is invented goes on
            next_year = actor.today + timedelta(days=365)
            pack = structs.replace(pack, version=f"{pack.version}.again", ends_on=next_year)
        emails = [each["email"] for each in region["people"] if each["role"] == Role.OPERATOR]
        found = [content_packs.operator(email, today=actor.today) for email in emails]
        operators = [each for each in found if each is not None]
        if len(operators) < 2:
            self.stderr.write("No clinical content is live: that takes two operators.")
            return
        loader, confirmer = operators[:2]
        row = content_packs.load(pack, loader.user, actor)
        content_packs.confirm(row.pk, replace(actor, membership=confirmer, user=confirmer.user))

    def _load_person(
        self, entry: dict[str, str], practices: dict[str, Practice]
    ) -> tuple[User, bool]:
        if user := User.objects.filter(email=entry["email"]).first():
            return user, False
        practice = practices[entry["practice"]] if "practice" in entry else None
        person = {**entry, "role": Role(entry["role"]), "practice": practice}
        made = new_accounts.NewPerson(**person)  # type: ignore[arg-type]
        return new_accounts.invite(made, at_console(timezone.now())), True
