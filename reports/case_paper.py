"""A case as an official document: title, numbered sections, the bureau and the day it was approved."""

from accounts.models import Unit
from core import clock
from districts.models import DistrictProfile
from reports.documents.composing import broken
from reports.documents.paper import Paper
from reports.models import Case

NUMERALS = "一二三四"
NOT_APPROVED = "未审核稿，不得外传"
WITHDRAWN = "已撤回，不得使用"


def warning_of(case: Case) -> str:
    """What stands on a paper that must not leave the house; empty for an approved one."""
    if case.may_be_shown:
        return ""
    return WITHDRAWN if case.state == Case.State.WITHDRAWN else NOT_APPROVED


def paper_of(case: Case) -> Paper:
    paper = Paper()
    paper.title(broken(case.title))
    for numeral, (heading, text) in zip(NUMERALS, case.sections, strict=False):
        paper.heading(1, f"{numeral}、{heading}")
        paper.paragraph(text)
    if case.approved_at and case.may_be_shown:
        lead = DistrictProfile.objects.in_force(case.district).rules.lead_bureau
        unit = Unit.objects.get(district=case.district, code=lead)
        paper.signature(unit.name, clock.local_date(case.approved_at))
    if warning := warning_of(case):
        paper.note(f"（{warning}）")
    return paper
