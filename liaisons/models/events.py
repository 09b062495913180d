"""活动: Saturday service days, 茶叙, 恳谈会, on-site offices, symposia: planned, announced, held, followed up."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Official, Unit, User
from core import clock
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject
from liaisons.querysets import APPEALS_FOR, EventQuerySet, EventTaskQuerySet, OfAnEvent
from policies.models import HandOut, Outreach


class ServiceEvent(Searchable):
    """One event. Kinds, and which of them are meetings, are profile data.

    It is announced before it is held (“提前向社会公示”); what is announced can be changed or cancelled, never
    deleted, and the public sees that it was.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "筹备中"
        ANNOUNCED = "announced", "已公示"
        HELD = "held", "已举办"
        CANCELLED = "cancelled", "已取消"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="举办地区")
    kind = models.CharField("活动类别", max_length=20)
    title = models.CharField("名称", max_length=80)
    topic = models.CharField("主题", max_length=200, blank=True)
    place = models.CharField("地点", max_length=120, blank=True, help_text="公示前确定")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    organiser = models.ForeignKey(
        Unit, models.PROTECT, related_name="organised_events", verbose_name="承办单位"
    )
    units = models.ManyToManyField(Unit, related_name="events", blank=True, verbose_name="参加单位")
    leader = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="led_events", verbose_name="带班领导"
    )
    phone = models.CharField("咨询电话", max_length=30, blank=True)
    notes = models.TextField("会前准备", blank=True, help_text="只在内部可见")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PLANNED)
    announced_at = models.DateTimeField("公示时间", null=True, blank=True)
    changed_at = models.DateTimeField("公示后变更时间", null=True, blank=True)
    changed_from = models.CharField("变更前的时间、地点", max_length=300, blank=True)
    revision = models.PositiveSmallIntegerField("公示后变更次数", default=0)
    """What calendars call SEQUENCE: how often the public was told something else."""
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    minutes = models.TextField("会议纪要", blank=True)
    held_at = models.DateTimeField("登记举办情况的时间", null=True, blank=True)
    hand_outs = models.ManyToManyField(
        HandOut, related_name="events", blank=True, verbose_name="发放政策清单"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="event_ends_later"),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_at__isnull=False), name="event_held_is_recorded"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-starts_at"], name="event_district_recent"),
            models.Index(fields=["organiser", "starts_at"], name="event_organiser_week"),
        ]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.topic, self.place]

    @property
    def takes_appeals(self) -> bool:
        """What ``taking_appeals`` asks of many."""
        is_lately = self.starts_at <= clock.now() < self.starts_at + APPEALS_FOR
        return is_lately and self.state != self.State.CANCELLED


class EventDuty(models.Model):
    """Who is on duty at an event: the rota (值班表) of the Saturday service day."""

    event = models.ForeignKey(ServiceEvent, models.CASCADE, related_name="duties", verbose_name="活动")
    official = models.ForeignKey(Official, models.PROTECT, related_name="duties", verbose_name="值守人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所在单位")
    present = models.BooleanField("到岗", null=True)

    objects = OfAnEvent.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "值守安排"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "official"], name="duty_once")]

    def __str__(self) -> str:
        return f"{self.event} {self.official}"


class Attendance(HasSubject):
    """An enterprise that came to an event."""

    event = models.ForeignKey(ServiceEvent, models.CASCADE, related_name="attendances", verbose_name="活动")
    attendee = models.CharField("参加人", max_length=50, blank=True)
    title = models.CharField("职务", max_length=50, blank=True)
    outreach = models.OneToOneField(
        Outreach, models.SET_NULL, null=True, blank=True, related_name="attendance", verbose_name="政策宣传"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = OfAnEvent.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参加企业"
        ordering = ["id"]
        constraints = [
            HasSubject.subject_constraint("attendance_subject"),
            models.UniqueConstraint(
                fields=["event", "enterprise"],
                condition=Q(enterprise__isnull=False),
                name="attendance_once_per_enterprise",
            ),
            models.UniqueConstraint(
                fields=["event", "project"],
                condition=Q(project__isnull=False),
                name="attendance_once_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_name}"


class EventTask(models.Model):
    """议定事项: what was decided at an event, for a unit and a day."""

    event = models.ForeignKey(ServiceEvent, models.CASCADE, related_name="tasks", verbose_name="活动")
    content = models.CharField("议定事项", max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="event_tasks", verbose_name="责任单位")
    due = models.DateField("完成时限")
    result = models.TextField("完成情况", blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报人"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = EventTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "议定事项"
        ordering = ["due", "id"]
        indexes = [models.Index(fields=["unit", "done_at"], name="event_task_open")]

    def __str__(self) -> str:
        return self.content[:30]

    @property
    def colour(self) -> str:
        """Like a deadline's: green, blue on the last day, red once it has passed; none when it is done."""
        if self.done_at:
            return "none"
        today = clock.today()
        return "red" if self.due < today else "blue" if self.due == today else "green"

    @property
    def colour_date(self) -> date:
        """The day that goes with the word: when it was done, else when it is due."""
        return clock.local_date(self.done_at) if self.done_at else self.due

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        return {"none": "已完成", "red": "已逾期", "blue": "今日到期", "green": "未到期"}[self.colour]
