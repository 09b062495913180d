"""“营商环境监督分线”政策专员, and the knowledge about business matters their units hand in every month."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Official, Unit, User
from campaigns.models.visibility import OfTheDistrict
from campaigns.rotas.people import runs_hall
from core import clock
from core.phones import validate_phone
from core.search import Searchable, SearchQuerySet
from districts.models import DistrictProfile, Region


class PolicyOfficerQuerySet(OfTheDistrict):
    def in_force(self, day: date | None = None) -> "PolicyOfficerQuerySet":
        day = day or clock.today()
        return self.filter(started__lte=day).filter(Q(ended__isnull=True) | Q(ended__gt=day))


class PolicyOfficer(models.Model):
    """政策专员: the 首席代表 of a unit's window, from a day up to (not including) another (审批助企 二（五）).

    Not a liaison officer: whoever is one answers notices for the unit, a policy officer answers firms' questions.
    """

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="policy_officers", verbose_name="单位")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="干部"
    )
    name = models.CharField("姓名", max_length=50)
    title = models.CharField("职务", max_length=60)
    window = models.CharField("窗口", max_length=80, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True, validators=[validate_phone])
    started = models.DateField("开始日期")
    ended = models.DateField("结束日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = PolicyOfficerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策专员"
        ordering = ["unit__order", "unit_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gte=F("started")), name="policy_officer_ends_later"
            ),
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(ended__isnull=True), name="policy_officer_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}{self.name}"


class KnowledgeQuerySet(OfTheDistrict, SearchQuerySet):  # type: ignore[override]
    def visible_to(self, user) -> "KnowledgeQuerySet":
        """What was reviewed is everybody's; before that, and what was refused, the unit's and the reviewer's."""
        found = super().visible_to(user)
        if user.unit_id is None or user.has_role("dispatcher", "bureau_leader"):
            return found
        if runs_hall(user, DistrictProfile.objects.in_force(user.unit.district).rules):
            return found
        return found.filter(Q(state=KnowledgeEntry.State.REVIEWED) | Q(unit=user.unit_id))

    def valid(self, day: date | None = None) -> "KnowledgeQuerySet":
        day = day or clock.today()
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class KnowledgeEntry(Searchable):
    """A question firms ask, and its answer, as long as it holds."""

    class State(models.TextChoices):
        HANDED_IN = "handed_in", "待审核"
        REVIEWED = "reviewed", "已入库"
        GIVEN_BACK = "given_back", "已退回"
        WITHDRAWN = "withdrawn", "已下架"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="knowledge", verbose_name="报送单位")
    category = models.CharField("类别", max_length=30)
    question = models.CharField("问题", max_length=200)
    answer = models.TextField("解答")
    basis = models.CharField("依据", max_length=200, blank=True)
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.HANDED_IN)
    first_handed_in_at = models.DateTimeField("首次报送时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报送人")
    recorded_at = models.DateTimeField("报送时间")
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    review_note = models.CharField("审核意见", max_length=200, blank=True)

    objects = KnowledgeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "涉企业务知识"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="knowledge_valid_to_later",
            ),
        ]
        indexes = [models.Index(fields=["unit", "first_handed_in_at"], name="knowledge_unit_month")]

    def __str__(self) -> str:
        return self.question

    def search_words(self) -> list[str]:
        return [self.question, self.answer, self.basis]

    @property
    def is_expired(self) -> bool:
        return self.valid_to is not None and self.valid_to < clock.today()
