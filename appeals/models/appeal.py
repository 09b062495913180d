"""An appeal: what a firm asked for and where it stands.

The status is assigned by ``appeals.perform`` alone; the field is protected against anybody else.
"""

from functools import cached_property

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin

from accounts.models import Unit, User
from appeals.models.facts import Facts
from appeals.querysets import AppealQuerySet, OfVisibleAppeals
from core.phones import validate_phone
from core.search import Searchable
from districts.models import DistrictProfile, Region
from enterprises.models import HasSubject
from liaisons.models import ServiceEvent, Visit


class Status(models.TextChoices):
    SUBMITTED = "submitted", "待受理"
    ACCEPTED = "accepted", "待交办"
    DISPATCHED = "dispatched", "待签收"
    HANDLING = "handling", "办理中"
    WAITING = "waiting", "待补充"
    REFUSING = "refusing", "拟说“不”"
    CONSULTING = "consulting", "会商研判"
    EXPLAINING = "explaining", "待解释"
    REPORTED_UP = "reported_up", "上报市级"
    ON_FILE = "on_file", "挂账"
    ANSWERED = "answered", "待回访"
    REVISITED = "revisited", "待二次回访"
    CLOSED = "closed", "办结"
    SOLVED_ON_SPOT = "solved_on_spot", "当场办结"
    DECLINED = "declined", "不予受理"
    MERGED = "merged", "已并单"
    WITHDRAWN = "withdrawn", "已撤回"


FINAL = frozenset({Status.CLOSED, Status.SOLVED_ON_SPOT, Status.DECLINED, Status.MERGED, Status.WITHDRAWN})


class Urgency(models.TextChoices):
    URGENT = "urgent", "紧急"
    NORMAL = "normal", "一般"
    COMPLEX = "complex", "复杂"


class Appeal(FSMModelMixin, HasSubject, Searchable):
    FINAL = FINAL

    secret_code = ""
    """In plain only on the object that ``perform`` returns when it creates the appeal; stored nowhere."""

    number = models.CharField("编号", max_length=30, unique=True)
    secret_digest = models.CharField("查询码指纹", max_length=64, editable=False)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    profile = models.ForeignKey(DistrictProfile, models.PROTECT, related_name="+", verbose_name="适用规则")

    contact_name = models.CharField("联系人", max_length=50)
    contact_phone = models.CharField("联系电话", max_length=30, validators=[validate_phone])
    title = models.CharField("标题", max_length=80)
    content = models.TextField("诉求内容")
    category = models.CharField("类别", max_length=30)
    channel = models.CharField("来源渠道", max_length=30)
    urgency = models.CharField("紧急程度", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)

    status = FSMField("状态", max_length=20, choices=Status.choices, default=Status.SUBMITTED, protected=True)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0, help_text="经过的事件数，用来识别过期页面")

    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name="来自走访"
    )
    service_event = models.ForeignKey(
        ServiceEvent, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name="来自活动"
    )
    collecting_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="collected_appeals", verbose_name="收集单位"
    )
    registered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="lead_appeals", verbose_name="主办单位"
    )
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入"
    )
    returns_to = models.CharField("补充后回到", max_length=20, choices=Status.choices, blank=True)
    refusal_level = models.PositiveSmallIntegerField("说“不”已签级数", default=0)
    city_letter = models.CharField("上报文号", max_length=60, blank=True)
    provincial_number = models.CharField("省平台编号", max_length=40, blank=True)
    provincial_recorded_at = models.DateTimeField("省平台录入时间", null=True, blank=True)

    submitted_at = models.DateTimeField("提交时间")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    ended_at = models.DateTimeField("终结时间", null=True, blank=True)
    reopen_until = models.DateTimeField("可再次反映至", null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业诉求"
        ordering = ["-submitted_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("appeal_subject"),
            models.UniqueConstraint(
                fields=["district", "provincial_number"],
                condition=~models.Q(provincial_number=""),
                name="appeal_provincial_once",
                violation_error_message="这个省平台编号已登记在另一件诉求上。",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-submitted_at", "-id"], name="appeal_district_recent"),
            models.Index(fields=["district", "status", "-submitted_at"], name="appeal_district_status"),
            models.Index(fields=["lead_unit", "status", "-submitted_at"], name="appeal_lead_status"),
            models.Index(fields=["collecting_unit", "provincial_recorded_at"], name="appeal_row_16"),
            models.Index(
                fields=["district", "submitted_at", "id"],
                condition=models.Q(provincial_number=""),
                name="appeal_to_be_recorded",
            ),
            models.Index(
                fields=["district", "-provincial_recorded_at", "-id"],
                condition=~models.Q(provincial_number=""),
                name="appeal_provincial_recent",
            ),
            # Who registers is told what the same firm, or the same caller, brought before.
            models.Index(fields=["district", "contact_phone"], name="appeal_same_phone"),
            models.Index(
                fields=["district", "claimed_name"], name="appeal_same_name", condition=~Q(claimed_name="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def search_words(self) -> list[str]:
        return [self.number, self.title, self.subject_name, self.content, self.provincial_number]

    @cached_property
    def facts(self) -> Facts:
        """What policies and gates ask about it, read once."""
        return Facts(self)

    def forget_facts(self) -> None:
        self.__dict__.pop("facts", None)

    def refresh_from_db(self, *args, **kwargs) -> None:
        self.forget_facts()
        super().refresh_from_db(*args, **kwargs)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def rules(self):
        """The district's rules this appeal began under."""
        return self.profile.rules

    @property
    def category_label(self) -> str:
        return self.rules.label("categories", self.category)

    @property
    def channel_label(self) -> str:
        return self.rules.label("channels", self.channel)


class Participation(models.Model):
    """A unit that has, or once had, a part in an appeal: what lets its officials see it."""

    class Part(models.TextChoices):
        COLLECTING = "collecting", "收集单位"
        LEAD = "lead", "主办单位"
        ASSISTING = "assisting", "协办单位"
        ASSISTED = "assisted", "已退出协办"
        CITY = "city", "上报对接单位"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="participations", verbose_name="诉求")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="participations", verbose_name="单位")
    part = models.CharField("身份", max_length=12, choices=Part.choices)
    round = models.PositiveSmallIntegerField("轮次", default=1)

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参与单位"
        constraints = [
            models.UniqueConstraint(fields=["appeal", "unit", "part", "round"], name="participation_once")
        ]
        indexes = [models.Index(fields=["unit", "appeal"], name="participation_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_part_display()}"


class NumberCounter(models.Model):
    """The last number given out in a district, in a series that starts anew on a day."""

    district = models.ForeignKey(Region, models.CASCADE, related_name="+", verbose_name="所属区县")
    series = models.CharField("序列", max_length=10, default="appeal")
    day = models.DateField("起算日")
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        constraints = [
            models.UniqueConstraint(fields=["district", "series", "day"], name="counter_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.last}"
