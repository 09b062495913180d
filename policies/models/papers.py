"""Papers handed out, and firms told about policies."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from districts.models import Region
from enterprises.models import HasSubject
from policies.models.counted import CountedForAUnit
from policies.models.library import Policy, PolicyList


class HandOut(HasSubject):
    """Copies of a policy list, or of the letter, given to an enterprise or project.

    Rows 10 and 12 of the weekly table count the policy lists.
    """

    class Paper(models.TextChoices):
        POLICY = "policy", "政策清单"
        LETTER = "letter", "《一封信》"

    class Way(models.TextChoices):
        """How it came to the firm where nobody visited it and it came to no event (微信、电话等行之有效的方式)."""

        WINDOW = "window", "窗口、前台"
        WECHAT = "wechat", "微信、短信"
        POST = "post", "邮寄"
        DOOR = "door", "上门发放"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    paper = models.CharField("材料", max_length=10, choices=Paper.choices, default=Paper.POLICY)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, blank=True, related_name="hand_outs", verbose_name="政策"
    )
    policy_list = models.ForeignKey(
        PolicyList, models.PROTECT, null=True, blank=True, related_name="hand_outs", verbose_name="政策清单"
    )
    """A list counts as one paper, however many policies stand on it."""
    copies = models.PositiveSmallIntegerField("份数", default=1)
    way = models.CharField("发放方式", max_length=10, choices=Way.choices, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hand_outs", verbose_name="发放单位")
    occurred_at = models.DateTimeField("发放时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = CountedForAUnit.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策清单发放"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("handout_subject"),
            models.CheckConstraint(
                condition=Q(paper="policy", policy__isnull=False, policy_list__isnull=True)
                | Q(paper="policy", policy__isnull=True, policy_list__isnull=False)
                | Q(paper="letter", policy__isnull=True, policy_list__isnull=True),
                name="handout_policy_list_or_letter",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="handout_unit_week")]

    def __str__(self) -> str:
        return f"{self.paper_label} {self.copies}份"

    @property
    def paper_label(self) -> str:
        return str(self.policy or self.policy_list or self.get_paper_display())


class Outreach(HasSubject):
    """政策宣传惠及: a firm was told about policies, by a list it was given or at a meeting it came to.

    Row 12 of the weekly table counts the distinct enterprises in here.
    """

    class Way(models.TextChoices):
        PAPER = "paper", "发放政策清单"
        MEETING = "meeting", "参加座谈会"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    way = models.CharField("方式", max_length=10, choices=Way.choices)
    hand_out = models.OneToOneField(
        HandOut, models.CASCADE, null=True, blank=True, related_name="outreach", verbose_name="政策清单"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="宣传单位")
    occurred_at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("登记时间")

    objects = CountedForAUnit.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策宣传惠及"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("outreach_subject"),
            models.CheckConstraint(
                condition=Q(way="paper", hand_out__isnull=False) | Q(way="meeting", hand_out__isnull=True),
                name="outreach_way",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="outreach_unit_week")]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.get_way_display()}"
