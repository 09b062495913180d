"""The roster's sheets: who may hand one in, for whom, and what its template offers."""

from collections.abc import Mapping, Sequence

from accounts.models import Role, Unit, User
from core.wording import spoken
from enterprises.policies import importable_region, places
from enterprises.roster_columns import ENTERPRISE_COLUMNS, PROJECT_COLUMNS
from enterprises.roster_jobs import EnterpriseJob, ProjectJob, RosterJob
from enterprises.roster_versions import keepers_of
from imports.kinds import Job, Kind
from imports.models import SheetImport


class RosterKind(Kind):
    """企业底册, 重点项目底册: by the dispatcher for the district, by a township or park for its own region,
    by a competent department for the firms of its trade.
    """

    job_class: type[RosterJob]
    halves = True
    complete_help = spoken("这是本单位该半年的全部底册：表中没有的，会列出来请您逐家确认是否退出底册。")
    notes = (
        "每行一家，不合并单元格，不用公式；代码和电话按文本填写。",
        "列的顺序可以调整，表头上方可以有标题行。",
        spoken("已在底册中的按代码识别并更新；留空的栏目不改动原有内容。"),
    )

    def may_upload(self, user: User) -> bool:
        return importable_region(user) is not None

    def reporters(self, user: User) -> Sequence[Unit]:
        """The bureau also uploads what a township sent it."""
        own = super().reporters(user)
        if user.unit is None or not user.has_role(Role.DISPATCHER):
            return own
        return list(keepers_of(user.unit.district).order_by("order", "pk")) or own

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        region = importable_region(user)
        return {"region": [place.name for place in places(region)] if region else []}

    def job(self, sheet_import: SheetImport) -> Job:
        return self.job_class(sheet_import)


class EnterpriseSheet(RosterKind):
    code, label = "enterprises", spoken("企业底册")
    columns = ENTERPRISE_COLUMNS
    job_class = EnterpriseJob
    back, back_label = "enterprises:list", "企业与项目"
    shown = ("name", "credit_code", "tier", "region", "contact_phone")


class ProjectSheet(RosterKind):
    code, label = "projects", spoken("重点项目底册")
    columns = PROJECT_COLUMNS
    job_class = ProjectJob
    back, back_label = "enterprises:projects", "重点项目"
    shown = ("name", "owner_name", "region", "contact_phone")
