"""Where things lie (regions), by which rules a district works (profiles), and which days count (calendar)."""

from __future__ import annotations

import hashlib
import json
import uuid
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from .profile import Rules
from .querysets import CalendarQuerySet, DistrictProfileQuerySet, RegionQuerySet


class Region(models.Model):
    """A node of the tree country > province > city > district > township or park.

    The tree hangs on `path` ("/1/7/", the ids from the root, closed by a slash), never on prefixes of the
    codes: a 经开区 has no code, and townships have been moved between counties with theirs.
    """

    class Level(models.TextChoices):
        COUNTRY = "country", "国家"
        PROVINCE = "province", "省"
        CITY = "city", "市"
        DISTRICT = "district", "县区"
        TOWNSHIP = "township", "乡镇（办事处）"
        PARK = "park", "开发园区"

    code = models.CharField("区划代码", max_length=12, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", verbose_name="上级", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    is_rehearsal = models.BooleanField(
        "演练", default=False, help_text="只供试用：不公开列出，不对外发通知，处处标明“演练”，可以整个清除"
    )
    # `unique` is all the prefix search needs: on PostgreSQL Django adds a varchar_pattern_ops index to it.
    path = models.CharField("路径", max_length=200, unique=True, editable=False)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="region_name_once_in_parent",
                violation_error_message="同级已有同名区划。",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(parent=None),
                name="region_root_name_once",
                violation_error_message="同级已有同名区划。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the path true: of a new region, and of a whole subtree that moves."""
        with transaction.atomic():
            if self._state.adding:
                # The id, and with it the path, is known only afterwards.
                self.path = f"new-{uuid.uuid4().hex}"
                super().save(*args, **kwargs)
                Region.objects.filter(pk=self.pk).update(path=self._true_path())
            else:
                if self.parent and self.contains(self.parent):
                    raise ValidationError({"parent": "上级不能是本区划或其下级。"})
                super().save(*args, **kwargs)
                old, new = self.path, self._true_path()
                if old != new:
                    moved = Concat(Value(new), Substr(F("path"), len(old) + 1))
                    Region.objects.filter(path__startswith=old).update(path=moved)
            self.path = self._true_path()
            self.__dict__.pop("district", None)

    @property
    def path_ids(self) -> list[int]:
        """The ids from the root to this region."""
        return [int(part) for part in self.path.split("/") if part]

    @cached_property
    def district(self) -> Region | None:
        """The nearest region of level district, upwards from and including this one."""
        if self.level == self.Level.DISTRICT:
            return self
        return Region.objects.ancestors(self).districts().last()

    def contains(self, other: Region) -> bool:
        return other.path.startswith(self.path)

    def _true_path(self) -> str:
        return f"{self.parent.path if self.parent else '/'}{self.pk}/"


class DistrictProfile(models.Model):
    """One version of a district's rules. A change is a new version; what began under the old one keeps it."""

    district = models.ForeignKey(
        Region, verbose_name="县区", on_delete=models.PROTECT, related_name="profiles"
    )
    effective_from = models.DateField("生效日期")
    data = models.JSONField("内容")
    digest = models.CharField("内容指纹", max_length=64, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)
    created_at = models.DateTimeField("载入时间", auto_now_add=True)

    objects = DistrictProfileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区县配置"
        ordering = ["district", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "effective_from"],
                name="profile_once_a_day",
                violation_error_message="该日已有一个版本，请另选生效日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.effective_from:%Y-%m-%d} 起"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError("区县配置的旧版本不可修改，请新增一个版本。")
        self.digest = digest_of(self.data)
        super().save(*args, **kwargs)

    @property
    def rules(self) -> Rules:
        """The version as an object; parsed once a process, since a version never changes."""
        if self.digest not in _parsed:
            if len(_parsed) >= 500:
                _parsed.clear()
            _parsed[self.digest] = Rules.model_validate(self.data)
        return _parsed[self.digest]


_parsed: dict[str, Rules] = {}


def digest_of(data: dict[str, Any]) -> str:
    """The same for the same content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class CalendarYear(models.Model):
    """A year whose holidays and make-up days are known. Any other year is counted Mon–Fri, provisionally."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("来源", max_length=200)
    imported_at = models.DateTimeField("导入时间")

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历年份"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"{self.year} 年"


class CalendarDay(models.Model):
    """A day the State Council's notice names: off, or a working weekend. All others follow the week."""

    date = models.DateField("日期", primary_key=True)
    is_workday = models.BooleanField("上班")
    label = models.CharField("名称", max_length=40, blank=True)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "节假日与调休"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.label}{'上班' if self.is_workday else '放假'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self._tell_other_processes()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._tell_other_processes()
        return super().delete(*args, **kwargs)

    def _tell_other_processes(self) -> None:
        """They look at the year only (calendars.work_calendar)."""
        CalendarYear.objects.filter(year=self.date.year).update(imported_at=timezone.now())
