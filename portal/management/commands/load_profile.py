"""Load a district from its folder under profiles/: regions, rules and units; people and sheets where there are any."""

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.services import load_units
from appeals.phrases import load_phrases
from campaigns.services.plans import load_campaigns
from core.xlsx import SheetError
from districts.loading import load_regions, load_rules
from districts.models import Region
from districts.profile import ProfileError
from imports import engine
from imports.models import SheetRow
from portal.golive.folder import Folder, read_folder
from portal.golive.launch import Launched, load_people, service_account
from reports.profile_check import unknown_in

MOST_TOLD = 20


class Command(BaseCommand):
    help = "Load regions, rules and units of a district from profiles/<name>/. Doing it again is harmless."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="folder below profiles/, or a path")
        parser.add_argument(
            "--effective-from", type=date.fromisoformat, help="first day of a new version of the rules"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "profiles" / options["name"]
        try:
            folder = read_folder(path)
            with transaction.atomic():
                made = self._load(folder, options["effective_from"])
        except ProfileError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        for line in folder.guesses:
            self.stdout.write(f"weekly_form.xlsx {line}")
        for kind, file in folder.sheets.items():
            self._bring_in(made, kind, file)

    def _load(self, folder: Folder, effective_from: date | None) -> Launched:
        profile = folder.profile
        if unknown := unknown_in(profile.rules):
            raise ProfileError(unknown)
        regions = load_regions(profile.regions)
        district = Region.objects.get(code=profile.rules.code)
        version, is_new = load_rules(district=district, rules=profile.rules, effective_from=effective_from)
        units = load_units(district=district, specs=profile.units, regions=regions)
        phrases = load_phrases(district, profile.phrases)
        campaigns = load_campaigns(district=district, specs=profile.campaigns)
        made = Launched(district, profile.rules, units)
        load_people(made, folder.people)
        people = (
            f", {made.officials} new officials, {len(made.accounts)} new accounts" if folder.people else ""
        )
        self.stdout.write(
            f"{district}: {len(regions)} regions, {len(units)} units, rules in force from "
            f"{version.effective_from} ({'new version' if is_new else 'unchanged'}), "
            f"{phrases} new phrases{people}"
        )
        if profile.campaigns:
            self.stdout.write(
                f"{len(profile.campaigns)} campaigns: {campaigns.new} new tasks, {campaigns.changed} changed, "
                f"{campaigns.same} unchanged, {campaigns.gone} gone"
            )
        if campaigns.unknown:
            self.stdout.write(f"No unit of the district by these names: {'、'.join(campaigns.unknown)}")
        return made

    def _bring_in(self, made: Launched, kind: str, file: Path) -> None:
        """Through the import itself: bad rows are left out and told, the others are written."""
        service = service_account(made.district, made.units[made.rules.lead_bureau])
        try:
            sheet = engine.receive(
                by=service, kind=kind, upload=SimpleUploadedFile(file.name, file.read_bytes())
            )
        except SheetError as error:
            self.stderr.write(f"{file.name}: {error}")
            return
        engine.check(sheet)
        engine.confirm(sheet_import=sheet, by=service)
        engine.apply(sheet)
        sheet.refresh_from_db()
        self.stdout.write(
            f"{file.name}: {sheet.rows_new} new, {sheet.rows_changed} changed, {sheet.rows_same} unchanged, "
            f"{sheet.rows_bad} bad {sheet.message}".rstrip()
        )
        for row in sheet.rows.filter(outcome=SheetRow.Outcome.BAD).order_by("line")[:MOST_TOLD]:
            errors = "；".join(f"{error['title']} {error['text']}".strip() for error in row.errors)
            self.stderr.write(f"{file.name} 第 {row.line} 行 {errors}")
