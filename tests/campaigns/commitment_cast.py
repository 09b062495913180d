"""The people of an appeal's life with a list of what was promised and is owed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from appeals.backlog_rules import Course
from campaigns.commitments.services.commitments import record_commitment
from campaigns.commitments.services.rules import Promise
from campaigns.models import Commitment
from core import clock
from districts.models import DistrictProfile, Region
from tests import factories
from tests.appeals.lives import Cast


def limited(days: int = 30, **fields) -> Course:
    return replace(Course("limited", clock.today() + timedelta(days=days), plan="分两批付清。"), **fields)


def disputed(days: int = 14, **fields) -> Course:
    course = Course("disputed", clock.today() + timedelta(days=days), route="mediation", next_step="组织调解")
    return replace(course, **fields)


def with_rules(district: Region, **commitments) -> None:
    """The district's rules, with others about commitments."""
    profile = DistrictProfile.objects.in_force(district)
    data = profile.rules.model_dump(mode="json")
    data["commitments"] |= commitments
    DistrictProfile.objects.filter(pk=profile.pk).delete()
    DistrictProfile.objects.create(district=district, effective_from=profile.effective_from, data=data)


class CommitmentCast(Cast):
    """区人社局 answers for it, the firm lies in 大通镇, 区科经局 keeps the list."""

    @property
    def firm(self):
        if not hasattr(self, "_firm"):
            self._firm = factories.enterprise(self.district, name="铜陵诚信机械有限公司")
        return self._firm

    def promise(self, **fields) -> Promise:
        promise = Promise(
            kind="promise", title="年内建成公共停车场", unit=self.liaison.unit,
            made_on=clock.today() - timedelta(days=100), basis="政府工作报告",
        )  # fmt: skip
        return replace(promise, **fields)

    def debt(self, amount: str = "100", **fields) -> Promise:
        defaults = {
            "kind": "debt", "title": "培训设备货款", "subject": self.firm, "debtor": "unit",
            "debtor_unit": self.liaison.unit, "amount": Decimal(amount), "basis": "采购合同〔2024〕8号",
        }  # fmt: skip
        return self.promise(**(defaults | fields))

    def kept_list(self, by: User | None = None, course: Course | None = None, promise: Promise | None = None,
                  **fields) -> Commitment:  # fmt: skip
        promise = promise or self.promise(**fields)
        return record_commitment(by=by or self.dispatcher, promise=promise, course=course or limited())
