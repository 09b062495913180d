"""Official documents that were made (发文), and the words a district has given them."""

from django.db import models
from django.db.models import Q

from accounts.models import Role, Unit, User
from appeals.models import Appeal, SupervisionLetter
from core.search import Searchable, SearchQuerySet
from districts.documents import LABELS
from districts.models import Region
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE, own_region

KINDS = list(LABELS.items())
TEMPLATE_READERS = (Role.ADMIN, Role.DISPATCHER, Role.BUREAU_LEADER)


class DocumentQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "DocumentQuerySet":
        """As what it is about: the appeal, or the letter. Those who watch the district see every document."""
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "district"))
        about_appeals = Q(
            letter__isnull=True, appeal__in=Appeal.objects.visible_to(user).order_by().values("pk")
        )
        letters = SupervisionLetter.objects.visible_to(user).order_by().values("pk")
        return self.filter(about_appeals | Q(letter__in=letters))

    def in_force(self) -> "DocumentQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Document(Searchable):
    """One document: its number for ever, its words and what filled them as on the day, the file itself."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    kind = models.CharField("文种", max_length=12, choices=KINDS)
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveIntegerField("序号", null=True, help_text="空：用诉求编号或督办单自己的文号")
    number_text = models.CharField("文号", max_length=60)
    title = models.CharField("标题", max_length=200)
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, related_name="documents", verbose_name="诉求"
    )
    letter = models.ForeignKey(
        SupervisionLetter, models.PROTECT, null=True, related_name="documents", verbose_name="督办单"
    )
    event_seq = models.PositiveIntegerField("依据的事件", default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发文单位")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("出具时间")
    words = models.JSONField("文本", help_text="出具时的模板")
    values = models.JSONField("内容", help_text="出具时填入的内容")
    file = models.FileField("文件", upload_to="documents/%Y/%m/")
    sha256 = models.CharField("校验值", max_length=64)
    withdrawn_at = models.DateTimeField("作废时间", null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="作废人")
    withdrawn_reason = models.CharField("作废原因", max_length=300, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公文"
        ordering = ["-made_at", "-id"]
        constraints = [
            # A number is never given out again, not even that of a withdrawn document.
            models.UniqueConstraint(
                fields=["district", "kind", "year", "number"],
                condition=Q(number__isnull=False),
                name="document_number_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "appeal", "event_seq"],
                condition=Q(letter__isnull=True, withdrawn_at__isnull=True),
                name="document_once_in_force",
            ),
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(letter__isnull=False, withdrawn_at__isnull=True),
                name="document_of_letter_once_in_force",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-made_at", "-id"], name="document_district_recent"),
            models.Index(fields=["unit", "-made_at"], name="document_unit_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.title}"

    def search_words(self) -> list[str]:
        return [self.number_text, self.title, self.values.get("编号", ""), self.values.get("企业", "")]

    @property
    def file_name(self) -> str:
        mark = "（已作废）" if self.withdrawn_at else ""
        return f"{mark}{self.get_kind_display()} {self.number_text}.docx"


class TemplateQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TemplateQuerySet":
        if user.unit is None or not user.has_role(*TEMPLATE_READERS):
            return self.none()
        return self.filter(scope(user.unit.widest_region, "district"))


class DocumentTemplate(models.Model):
    """One version of the words of one kind of document. The last one is in force; none: the profile's."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    kind = models.CharField("文种", max_length=12, choices=KINDS)
    version = models.PositiveSmallIntegerField("版本")
    words = models.JSONField("文本")
    note = models.CharField("改动说明", max_length=200)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="修改人")
    changed_at = models.DateTimeField("修改时间")

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公文模板"
        ordering = ["district", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "version"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第{self.version}版"
