"""Load a district from its folder under profiles/: regions, rules and units."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.services import load_units
from appeals.phrases import load_phrases
from campaigns.services.plans import load_campaigns
from districts.loading import load_regions, load_rules, read_profile
from districts.models import Region
from districts.profile import ProfileError
from reports.profile_check import unknown_in


class Command(BaseCommand):
    help = "Load regions, rules and units of a district from profiles/<name>/. Doing it again is harmless."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="folder below profiles/, or a path")
        parser.add_argument(
            "--effective-from", type=date.fromisoformat, help="first day of a new version of the rules"
        )

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        folder = Path(settings.BASE_DIR) / "profiles" / options["name"]
        try:
            profile = read_profile(folder)
            if unknown := unknown_in(profile.rules):
                raise ProfileError(unknown)
            regions = load_regions(profile.regions)
            district = Region.objects.get(code=profile.rules.code)
            version, is_new = load_rules(
                district=district, rules=profile.rules, effective_from=options["effective_from"]
            )
        except ProfileError as error:
            raise CommandError(str(error)) from None
        units = load_units(district=district, specs=profile.units, regions=regions)
        phrases = load_phrases(district, profile.phrases)
        campaigns = load_campaigns(district=district, specs=profile.campaigns)
        self.stdout.write(
            f"{district}: {len(regions)} regions, {len(units)} units, rules in force from "
            f"{version.effective_from} ({'new version' if is_new else 'unchanged'}), "
            f"{phrases} new phrases"
        )
        if profile.campaigns:
            self.stdout.write(
                f"{len(profile.campaigns)} campaigns: {campaigns.new} new tasks, {campaigns.changed} changed, "
                f"{campaigns.same} unchanged, {campaigns.gone} gone"
            )
        if campaigns.unknown:
            self.stdout.write(f"No unit of the district by these names: {'、'.join(campaigns.unknown)}")
