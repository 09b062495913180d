"""为企服务窗口台账: what firms and people asked, complained of and suggested at the windows of the service hall."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.models.visibility import OfAUnit
from core.phones import validate_phone
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from enterprises.models import HasSubject
from liaisons.models import Opinion


class WindowEntryQuerySet(OfAUnit, SearchQuerySet):  # type: ignore[override]
    pass


class WindowEntry(HasSubject, Searchable):
    """One line of the ledger (审批助企任务清单 1: “受理企业群众政策咨询、问题投诉，意见建议”)."""

    class Kind(models.TextChoices):
        ENQUIRY = "enquiry", "政策咨询"
        COMPLAINT = "complaint", "问题投诉"
        SUGGESTION = "suggestion", "意见建议"

    class Way(models.TextChoices):
        ON_SPOT = "on_spot", "当场答复办理"
        APPEAL = "appeal", "登记为企业诉求"
        OPINION = "opinion", "转为意见建议"
        OPEN = "open", "留待答复"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="窗口、单位")
    window = models.CharField("受理窗口", max_length=30)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    person = models.CharField("来访人", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True, validators=[validate_phone])
    content = models.TextField("内容")
    answer = models.TextField("答复办理情况", blank=True)
    way = models.CharField("办理方式", max_length=10, choices=Way.choices)
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="企业诉求"
    )
    opinion = models.ForeignKey(
        Opinion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="意见建议记录"
    )
    occurred_at = models.DateTimeField("受理时间")
    answered_at = models.DateTimeField("办结时间", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = WindowEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窗口台账"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("window_entry_subject"),
            models.CheckConstraint(
                condition=~Q(way="on_spot") | ~Q(answer=""), name="window_entry_on_spot_has_answer"
            ),
            models.CheckConstraint(
                condition=~Q(way="opinion") | Q(opinion__isnull=False), name="window_entry_opinion_is_there"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "occurred_at"], name="window_entry_unit"),
            models.Index(fields=["district", "-occurred_at"], name="window_entry_district"),
        ]

    def __str__(self) -> str:
        return self.content[:30]

    def search_words(self) -> list[str]:
        return [self.content, self.answer, self.subject_name, self.person]

    @property
    def is_open(self) -> bool:
        """Waits for an answer, or for the number of the appeal it became."""
        return self.answered_at is None
