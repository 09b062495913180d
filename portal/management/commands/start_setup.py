"""The first account of an installation: whoever sets districts up. Its password is set behind a one-time link."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from accounts.audit import record
from accounts.first_password import VALID, make_token
from accounts.models import Role, User
from accounts.services import create_operator


class Command(BaseCommand):
    help = "建立平台管理员账号（负责新区县上线），打印一次性链接，由本人设密码。再次运行，重新给出链接。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", default="platform", help="登录名，默认 platform")
        parser.add_argument(
            "--again", action="store_true", help="已设过密码的，作废后重新给出链接（忘记密码时用）"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.select_for_update().filter(username=options["username"]).first()
        if user is None:
            user = create_operator(username=options["username"])
        elif (
            user.unit_id is not None or not user.has_role(Role.ADMIN) or user.is_system or not user.is_active
        ):
            raise CommandError(f"登录名 {user.username} 已是别人的账号，请换一个。")
        elif user.has_usable_password():
            if not options["again"]:
                raise CommandError(
                    "这个账号已经设过密码。忘记了的，加 --again 重新给出链接（原密码随即作废）。"
                )
            user.set_unusable_password()
            user.save(update_fields=["password"])
        record(None, "accounts.start_setup", user)
        path = reverse("portal:first_password", args=[make_token(user)])
        self.stdout.write(
            f"平台管理员：{user.username}\n请在 {VALID.days} 天内打开链接设密码（只能用一次）：\n{settings.SITE_URL}{path}"
        )
