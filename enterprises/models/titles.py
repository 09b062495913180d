"""资质称号: what a firm was recognised as (高新技术企业, 专精特新 …), for the policies that ask for it."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core import clock
from enterprises.models.roster import Enterprise
from enterprises.querysets import OfAnEntry


class EnterpriseTitleQuerySet(OfAnEntry):
    def valid(self) -> "EnterpriseTitleQuerySet":
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today()))


class EnterpriseTitle(models.Model):
    """One title of one firm; which there are is data of the profile (``rules.policy_library.titles``)."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="titles", verbose_name="企业")
    code = models.CharField("称号", max_length=30)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = EnterpriseTitleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资质称号"
        ordering = ["enterprise_id", "code"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="enterprise_title_once")]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.code}"
