"""Papers handed out, and firms told about policies: rows 10 and 12 of the weekly table count what is written here."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Unit, User
from core import clock
from districts.models import Region
from enterprises.models import Enterprise, Project
from policies.models import HandOut, Outreach, Policy, PolicyList

MOST_COPIES = 9_999


@transaction.atomic
def hand_out(
    *,
    by: User,
    policy: Policy | None,
    unit: Unit,
    occurred_at: datetime,
    region: Region,
    copies: int = 1,
    enterprise: Enterprise | None = None,
    project: Project | None = None,
    claimed_name: str = "",
    claimed_code: str = "",
    way: str = "",
    policy_list: PolicyList | None = None,
) -> HandOut:
    """Copies of a paper given by ``unit`` to a firm or project: of one policy, of a list, or of the letter.

    Neither ``policy`` nor ``policy_list``: 《致全市企业家的一封信》. A list is one paper, however many stand on it.

    Whoever is given a policy list is told about policies (政策宣传惠及, row 12). The letter tells whom to turn to
    and explains no policy, so it counts neither there nor in row 10. Who may hand out is asked where it is
    recorded: the sitting at a firm, an event, ``policies.papers``, which alone also says in which ``way``.
    """
    if policy is not None and policy.district_id != unit.district_id:
        raise ValidationError({"policy": "这项政策不是本区县的。"})
    if policy_list is not None and (policy is not None or policy_list.district_id != unit.district_id):
        raise ValidationError({"policy": "这张政策清单不是本区县的。"})
    if not 1 <= copies <= MOST_COPIES:
        raise ValidationError({"copies": f"份数应在 1 到 {MOST_COPIES} 之间。"})
    if occurred_at > clock.now():
        raise ValidationError({"occurred_at": "发放时间不能晚于现在。"})
    told = {
        "district": unit.district,
        "region": region,
        "unit": unit,
        "occurred_at": occurred_at,
        "recorded_at": clock.now(),
        "enterprise": enterprise,
        "project": project,
        "claimed_name": claimed_name,
        "claimed_code": claimed_code,
    }
    tells = policy is not None or policy_list is not None
    given = HandOut.objects.create(
        paper=HandOut.Paper.POLICY if tells else HandOut.Paper.LETTER,
        policy=policy,
        policy_list=policy_list,
        copies=copies,
        way=way,
        recorded_by=by,
        **told,
    )
    if tells:
        Outreach.objects.create(way=Outreach.Way.PAPER, hand_out=given, **told)
    return given


def reach_at_meeting(
    *,
    by: User,
    unit: Unit,
    region: Region,
    occurred_at: datetime,
    enterprise: Enterprise | None = None,
    project: Project | None = None,
    claimed_name: str = "",
    claimed_code: str = "",
) -> Outreach:
    """A firm was told about policies at a meeting (调研座谈会) of ``unit``; who may record it, the event says."""
    if occurred_at > clock.now():
        raise ValidationError({"occurred_at": "会议开始之后才能登记参加企业。"})
    return Outreach.objects.create(
        district=unit.district,
        region=region,
        way=Outreach.Way.MEETING,
        unit=unit,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        enterprise=enterprise,
        project=project,
        claimed_name=claimed_name,
        claimed_code=claimed_code,
    )
