"""Fills an empty database with the demo's district."""

import logging
import os
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from demo.seed import DISTRICT, default_today, seed
from districts.models import CalendarYear, Region


class Command(BaseCommand):
    help = (
        "Fills a new database with twelve invented weeks of 铜陵市郊区 before DEMO_TODAY (YYYY-MM-DD, "
        "default: today). The same day gives the same data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="1 is the size of the real district")

    def handle(self, *, scale: float, verbosity: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Demo data is never written to a portal in production (PORTAL_MODE=production)."
            )
        if User.objects.filter(is_system=False).exists():
            raise CommandError("This database has accounts already: demo data goes only into an empty one.")
        if not (Region.objects.filter(code=DISTRICT).exists() and CalendarYear.objects.exists()):
            raise CommandError(f"First run: manage.py import_calendar; manage.py load_profile {DISTRICT}")
        if not 0 < scale <= 1:
            raise CommandError("--scale lies between 0 and 1.")
        # The years the calendar lacks are the administrator's business, not the demo's.
        logging.getLogger("districts.calendars").setLevel(logging.ERROR)
        say = self.stdout.write if verbosity else lambda line: None
        summary = seed(today=_today(), scale=scale, say=say)
        say(str(summary))


def _today() -> date:
    given = os.environ.get("DEMO_TODAY", "")
    if not given:
        return default_today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise CommandError(f"DEMO_TODAY should look like 2026-11-19, not {given!r}.") from None
