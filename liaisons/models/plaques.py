"""公示牌: the brass plate on a firm's wall that says who looks after it, and the code that leads to its page."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Official, User
from core.wording import speak, spoken
from districts.models import Region
from enterprises.models import OnRoster
from liaisons.querysets import PlaqueQuerySet


class Plaque(OnRoster):
    """One plate, from ordering it to replacing it. A firm has one in force; the earlier ones are kept."""

    class State(models.TextChoices):
        TO_PRINT = "to_print", "待制作"
        PRINTED = "printed", "待领取"
        COLLECTED = "collected", "已领取"
        SIGNED = "signed", "已签收"
        REPLACED = "replaced", "已更换"
        REVOKED = "revoked", "已作废"

    IN_FORCE = (State.TO_PRINT, State.PRINTED, State.COLLECTED, State.SIGNED)

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    token = models.CharField("二维码标识", max_length=40, unique=True)
    official = models.ForeignKey(
        Official, models.PROTECT, related_name="plaques", verbose_name=spoken("联企干部")
    )
    text = models.JSONField("牌面内容", default=dict, encoder=DjangoJSONEncoder)
    """What stands on the plate: subject, name, post, unit, phone, supervision numbers."""
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.TO_PRINT)
    ordered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    ordered_at = models.DateTimeField("登记时间")
    printed_at = models.DateTimeField("制作时间", null=True, blank=True)
    collected_at = models.DateTimeField("领取时间", null=True, blank=True)
    collected_by = models.CharField("领取人", max_length=50, blank=True)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    signed_by = models.CharField("企业签收人", max_length=50, blank=True)
    ended_at = models.DateTimeField("更换或作废时间", null=True, blank=True)
    end_reason = models.CharField("更换或作废原因", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replacement", verbose_name="更换自"
    )

    objects = PlaqueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = spoken("公示牌")
        ordering = ["-id"]
        constraints = [
            OnRoster.entry_constraint("plaque_entry"),
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(
                    enterprise__isnull=False, state__in=["to_print", "printed", "collected", "signed"]
                ),
                name="plaque_once_per_enterprise",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(project__isnull=False, state__in=["to_print", "printed", "collected", "signed"]),
                name="plaque_once_per_project",
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="plaque_district_state")]

    # What on it is no longer true; set by ``PlaqueQuerySet.with_reasons``.
    has_left = has_no_lead = has_other_lead = False
    has_other_subject = has_other_name = has_other_post = has_other_phone = False

    def __str__(self) -> str:
        return f"{self.entry}的{speak('公示牌')}"

    @property
    def is_in_force(self) -> bool:
        return self.state in self.IN_FORCE

    @property
    def reasons(self) -> list[str]:
        """Why a plaque of ``with_reasons`` is to be replaced, in words; none for one that is not in force."""
        if not self.is_in_force:
            return []
        if self.has_left:
            return [speak("企业（项目）已不在册，公示牌应收回作废")]
        name = self.text.get("name", "")
        if self.has_no_lead:
            return [f"{name}已不再联系，还没有新的牵头干部"]
        if self.has_other_lead:
            return [f"牵头干部已不是{name}"]
        said = {
            "企业（项目）名称": self.has_other_subject,
            "干部姓名": self.has_other_name,
            "单位或职务": self.has_other_post,
            "电话": self.has_other_phone,
        }
        return [f"{label}已变化" for label, is_so in said.items() if is_so]
