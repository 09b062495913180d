"""The policies of the district and the papers handed out about them."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from districts.querysets import scope
from enterprises.models import HasSubject
from enterprises.querysets import own_region


class PolicyQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "PolicyQuerySet":
        """Policies are public within the district."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()

    def in_force(self) -> "PolicyQuerySet":
        return self.filter(active=True)


class Policy(Searchable):
    """A support policy an enterprise may be told about."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    title = models.CharField("政策名称", max_length=150)
    document_number = models.CharField("文号", max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="主管单位")
    summary = models.TextField("要点", blank=True)
    active = models.BooleanField("有效", default=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "惠企政策"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.document_number]


class HandOutQuerySet(models.QuerySet):
    def visible_to(self, user) -> "HandOutQuerySet":
        if user.unit_id is None:
            return self.none()
        return self.filter(own_region(user, "region") | Q(unit_id=user.unit_id))


class HandOut(HasSubject):
    """Copies of a policy list given to an enterprise or project (rows 10 and 12 of the weekly table)."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="hand_outs", verbose_name="政策")
    copies = models.PositiveSmallIntegerField("份数", default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hand_outs", verbose_name="发放单位")
    occurred_at = models.DateTimeField("发放时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = HandOutQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策清单发放"
        ordering = ["-occurred_at", "-id"]
        constraints = [HasSubject.subject_constraint("handout_subject")]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="handout_unit_week")]

    def __str__(self) -> str:
        return f"{self.policy} {self.copies}份"
