"""Quarterly survey rounds: who was drawn, how often they were called, and what was answered by nobody in particular.

While a round runs, an answer hangs on the firm that was drawn, so that nobody is asked twice. After it was closed
that link is cut for good (``campaigns.satisfaction.services.severing``): the sample and its calls are deleted, the answers are
written anew in another order, with the figures of the field work kept in the round.
"""

import secrets

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from campaigns.satisfaction.querysets import SurveyAnswerQuerySet, SurveyRoundQuerySet, SurveySampleQuerySet
from districts.models import Region
from districts.satisfaction import SCOPES
from enterprises.models import OnRoster


def random_number() -> int:
    """A primary key that tells no order; exact in JSON, where the ids behind a figure are frozen."""
    return secrets.randbelow(2**53 - 1) + 1


class SurveyRound(models.Model):
    """One quarter's survey in a district, run by the lead bureau, carried out by a third party."""

    class State(models.TextChoices):
        DRAFT = "draft", "筹备中"
        SAMPLED = "sampled", "已抽样"
        RUNNING = "running", "调查中"
        CLOSED = "closed", "已结束"
        PUBLISHED = "published", "已发布"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="survey_rounds", verbose_name="组织单位")
    year = models.PositiveSmallIntegerField("年份")
    quarter = models.PositiveSmallIntegerField("季度")
    agency = models.CharField("受委托机构", max_length=80, blank=True)
    surveyors = models.ManyToManyField(User, related_name="survey_rounds", blank=True, verbose_name="调查员")
    scope = models.CharField("调查范围", max_length=10, choices=list(SCOPES.items()))
    size = models.PositiveIntegerField("样本数")
    strata = models.JSONField("分层", default=list)
    questions = models.JSONField("题目", default=list)
    """As they stood in the profile when the round was drafted."""
    last_day = models.DateField("截止日期")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    seed = models.CharField("随机种子", max_length=40, blank=True)
    frame_digest = models.CharField("抽样框指纹", max_length=64, blank=True)
    """Of everybody who could have been drawn: the same frame and seed draw the same firms."""
    drawn_at = models.DateTimeField("抽样时间", null=True, blank=True)
    open_token = models.CharField("公开链接标识", max_length=40, unique=True)
    """Of the link that anybody may open; what comes by it is no sample and is shown apart."""
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    severed_at = models.DateTimeField("匿名化时间", null=True, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    figures = models.JSONField("调查执行情况", default=dict, encoder=DjangoJSONEncoder)
    """By group and by unit: how many were drawn, answered, refused, not reached. Kept when the sample is gone."""
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    objects = SurveyRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "满意度调查"
        ordering = ["-year", "-quarter", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "year", "quarter"], name="survey_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="survey_quarter"),
            models.CheckConstraint(
                condition=Q(severed_at__isnull=True) | Q(closed_at__isnull=False),
                name="survey_severed_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.quarter}季度企业满意度调查"

    @property
    def label(self) -> str:
        return f"{self.year}年第{self.quarter}季度"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.CLOSED, self.State.PUBLISHED}


class SurveySample(OnRoster):
    """A firm that was drawn, as long as the round runs."""

    class State(models.TextChoices):
        WAITING = "waiting", "待调查"
        ANSWERED = "answered", "已答卷"
        REFUSED = "refused", "拒绝"
        UNREACHED = "unreached", "未接通"

    round = models.ForeignKey(SurveyRound, models.CASCADE, related_name="samples", verbose_name="调查")
    number = models.PositiveIntegerField("序号")
    stratum = models.CharField("分层", max_length=120)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被评价单位"
    )
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被评价干部"
    )
    token = models.CharField("链接标识", max_length=40, unique=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)

    objects = SurveySampleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调查样本"
        ordering = ["number"]
        constraints = [
            OnRoster.entry_constraint("survey_sample_entry"),
            models.UniqueConstraint(fields=["round", "number"], name="survey_sample_number"),
            models.UniqueConstraint(
                fields=["round", "enterprise"],
                condition=Q(enterprise__isnull=False),
                name="survey_sample_enterprise_once",
            ),
            models.UniqueConstraint(
                fields=["round", "project"], condition=Q(project__isnull=False), name="survey_sample_project_once"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["round", "state"], name="survey_sample_state")]

    def __str__(self) -> str:
        return f"样本 {self.number}"


class SurveyAttempt(models.Model):
    """One try to reach a firm that brought no answer."""

    class Outcome(models.TextChoices):
        NO_ANSWER = "no_answer", "无人接听"
        LATER = "later", "请改时间再打"
        WRONG = "wrong", "号码不对"
        REFUSED = "refused", "拒绝接受调查"

    sample = models.ForeignKey(SurveySample, models.CASCADE, related_name="attempts", verbose_name="样本")
    day = models.DateField("日期")
    at = models.DateTimeField("时间")
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="调查员")

    class Meta:
        verbose_name = verbose_name_plural = "调查联系"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.get_outcome_display()}"


class SurveyAnswer(models.Model):
    """A questionnaire that was answered. It has no time, and a number that tells no order."""

    class Channel(models.TextChoices):
        PHONE = "phone", "电话"
        WEB = "web", "网络"
        ON_SITE = "on_site", "现场"

    id = models.BigIntegerField("编号", primary_key=True, default=random_number, editable=False)
    round = models.ForeignKey(SurveyRound, models.PROTECT, related_name="answers", verbose_name="调查")
    sample = models.OneToOneField(
        SurveySample, models.SET_NULL, null=True, blank=True, related_name="answer", verbose_name="样本"
    )
    """Who was asked; empty once the round is over."""
    sampled = models.BooleanField("抽样", default=True)
    """False: came by the open link, which anybody may use."""
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices, blank=True)
    """Counted in the round's figures once it is over, and kept on no answer of the sample."""
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被评价单位"
    )
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被评价干部"
    )
    tier = models.CharField("企业类别", max_length=20, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="乡镇（园区）"
    )
    """Unit, official, class and place are emptied once the round is over, where too few share them."""
    level = models.CharField("满意度", max_length=20)
    answers = models.JSONField("答案", default=dict)
    shown = models.BooleanField("够份数", default=False)
    """Enough of the unit's firms answered for its figures to be told."""

    objects = SurveyAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调查答卷"
        indexes = [models.Index(fields=["round", "unit"], name="survey_answer_unit")]

    def __str__(self) -> str:
        return f"{self.round.label}的答卷"
