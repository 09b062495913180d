"""`make shots`: pictures of every page as each demo account sees it, into var/shots/."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from demo.accounts import ACCOUNTS
from demo.chromium import LACKING, chromium, chromium_options, signed_in
from demo.management.commands.demo import HOST, wait_until_healthy
from demo.processes import ProcessEnded, Processes
from demo.scenes import TONGLING

VISITOR = "visitor"


class Command(BaseCommand):
    help = "Saves a picture of every page, as each demo account sees it at each size, into var/shots/."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", action="append", help="only this one; may be given several times")
        parser.add_argument("--size", action="append", help="desktop, wide or phone")
        parser.add_argument("--most", type=int, help="so many pages of each account")

    def handle(
        self, *, account: list[str] | None, size: list[str] | None, most: int | None, **options: Any
    ) -> None:
        try:
            from playwright.sync_api import sync_playwright

            from demo.shots import SIZES, contact_sheet, shoot
        except ImportError:
            raise CommandError("Playwright is not installed: make dev.") from None
        if (executable := chromium()) is None:
            raise CommandError(f"{LACKING}.")
        wanted = account or [VISITOR, *[username for _, username, _ in ACCOUNTS]]
        people = {user.username: user for user in get_user_model().objects.filter(username__in=wanted)}
        if missing := [name for name in wanted if name != VISITOR and name not in people]:
            raise CommandError(f"No such account: {', '.join(missing)}. Fill the demo first: make demo.")
        # Before Playwright's loop runs, within which Django refuses to ask the database.
        sessions = {name: signed_in(user) for name, user in people.items()}
        folder = settings.VAR_DIR / "shots"
        port = _free_port()
        processes = Processes(
            folder=settings.BASE_DIR, logs=settings.VAR_DIR / "log", environment=dict(os.environ)
        )
        shots = []
        try:
            processes.start(
                "shots",
                "-m",
                "gunicorn",
                "-c",
                "deploy/gunicorn.conf.py",
                "--bind",
                f"{HOST}:{port}",
                "config.wsgi",
            )
            wait_until_healthy(processes, port)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=executable, args=chromium_options())
                for name in wanted:
                    shots += shoot(
                        browser,
                        base=f"http://{HOST}:{port}",
                        who=name,
                        start=f"/{TONGLING.district}/" if name == VISITOR else "/workbench/",
                        session=sessions.get(name, ""),
                        folder=folder,
                        sizes=size or SIZES,
                        most=most,
                        told=self.stdout.write if options["verbosity"] > 1 else lambda words: None,
                    )
                    self.stdout.write(f"{name}: {len([shot for shot in shots if shot.who == name])} pages")
                browser.close()
        except ProcessEnded as error:
            raise CommandError(str(error)) from None
        finally:
            processes.stop()
        self.stdout.write(f"{len(shots)} pages: {contact_sheet(shots, folder)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
