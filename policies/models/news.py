"""News of the action."""

from django.db import models

from accounts.models import Unit, User
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from districts.querysets import scope


class NewsQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "NewsQuerySet":
        """News are public within the district."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()


class NewsItem(Searchable):
    """宣传报道: a report about the action in a paper, on air or online (row 27 of the weekly table)."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="news_items", verbose_name="报送单位")
    title = models.CharField("标题", max_length=150)
    outlet = models.CharField("刊播媒体", max_length=80)
    url = models.URLField("链接", max_length=300, blank=True)
    public = models.BooleanField("在公开页面展示", default=True)
    occurred_at = models.DateTimeField("刊播时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "宣传报道"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "title", "outlet"], name="news_item_once"),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="news_unit_week")]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.outlet]
