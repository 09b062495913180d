"""What a district has published about itself, quarter by quarter."""

from django.db import models

from districts.models import Region


class PublishedFigures(models.Model):
    """The figures of one quarter that is over, as they were published. They never change, and hold no small number."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    quarter = models.DateField("季度", help_text="季度的第一天")
    figures = models.JSONField("数据")
    """[{"name", "label", "text", "definition"}, …]; a text is "" where there were too few to publish."""
    categories = models.JSONField("分类数据", default=list)
    """[{"label", "count"}, …]; a count is null where it is not published."""
    minimum = models.PositiveSmallIntegerField("最小公布件数")
    made_at = models.DateTimeField("统计时间")

    class Meta:
        verbose_name = verbose_name_plural = "公开数据"
        ordering = ["-quarter"]
        constraints = [
            models.UniqueConstraint(fields=["district", "quarter"], name="published_once_a_quarter")
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.label}"

    @property
    def label(self) -> str:
        return f"{self.quarter.year}年第{'一二三四'[(self.quarter.month - 1) // 3]}季度"
