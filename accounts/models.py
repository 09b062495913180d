"""Units, the officials who serve in them, and the accounts some of them sign in with."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.querysets import OfficialQuerySet, PostQuerySet, UnitQuerySet, UserManager
from core.phones import validate_phone
from core.search import Searchable
from core.wording import spoken
from districts.models import Region


class Unit(models.Model):
    """A bureau, township office, park committee, window … of one district. Kinds are profile data."""

    code = models.SlugField("单位代码", max_length=40)
    name = models.CharField("单位名称", max_length=80)
    short_name = models.CharField("简称", max_length=30)
    kind = models.CharField("类别", max_length=30)
    region = models.ForeignKey(Region, models.PROTECT, related_name="units", verbose_name="所在地区")
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    public_phone = models.CharField("对外电话", max_length=30, blank=True, validators=[validate_phone])
    order = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("在用", default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_units", verbose_name="并入单位",
        help_text="撤并的单位：停用后，以前登记、还没有报送的工作计入这个单位",
    )  # fmt: skip

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="unit_code_once_per_district"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(active=False),
                name="unit_merged_is_closed",
                violation_error_message="并入别的单位的，请同时取消“在用”。",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def successor(self) -> "Unit":
        """Who stands for it now: itself, or at the end of the chain what it was merged into."""
        unit, seen = self, {self.pk}
        while unit.merged_into is not None and unit.merged_into_id not in seen:
            unit = unit.merged_into
            seen.add(unit.pk)
        return unit

    def clean(self) -> None:
        """A unit is merged into another one of its district, and never, by a detour, into itself."""
        into, seen = self.merged_into, {self.pk}
        while into is not None:
            if into.district_id != self.district_id:
                raise ValidationError({"merged_into": "只能并入同一县区的单位。"})
            if into.pk in seen:
                raise ValidationError({"merged_into": "不能并入自己，也不能经别的单位并回自己。"})
            seen.add(into.pk)
            into = into.merged_into

    @property
    def widest_region(self) -> Region:
        """The whole district for a unit inside one; the own region for a city or province unit."""
        return self.region if self.region.contains(self.district) else self.district


class Official(Searchable):
    """A person in office. Visits and assignments name officials; some of them have a user account."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("手机号码", max_length=30, blank=True, validators=[validate_phone])
    office_phone = models.CharField("办公号码", max_length=30, blank=True, validators=[validate_phone])

    objects = OfficialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "干部"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def search_words(self) -> list[str]:
        return [self.name]

    def post_on(self, day) -> "Post | None":
        """The main post held on ``day``: what a visit of that day is counted under."""
        held = [
            post
            for post in self.posts.all()
            if post.started <= day and (post.ended is None or post.ended > day)
        ]
        return min(held, key=lambda post: (post.order, post.pk), default=None)


class Post(models.Model):
    """An official's office in a unit, from a day up to (not including) another."""

    official = models.ForeignKey(Official, models.CASCADE, related_name="posts", verbose_name="干部")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="单位")
    title = models.CharField("职务", max_length=60)
    rank_group = models.CharField("领导班子类别", max_length=30, help_text="代码见区县方案的 rank_groups")
    order = models.PositiveSmallIntegerField("主次", default=0, help_text="0 为主要职务")
    is_head = models.BooleanField("单位负责人", default=False)
    started = models.DateField("任职日期")
    ended = models.DateField("离任日期", null=True, blank=True)
    deputy = models.ForeignKey(
        Official, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="AB角"
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["unit__order", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gt=F("started")), name="post_ends_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}{self.title}"


class Role(models.TextChoices):
    CADRE = "cadre", spoken("联企干部")
    WINDOW = "window", "服务窗口"
    LIAISON = "liaison", "单位联络员"
    SECTION_HEAD = "section_head", "科室负责人"
    DEPUTY_LEADER = "deputy_leader", "单位分管负责人"
    UNIT_LEADER = "unit_leader", "单位负责人"
    DISPATCHER = "dispatcher", "调度员"
    BUREAU_LEADER = "bureau_leader", spoken("牵头局负责人")
    DISTRICT_LEADER = "district_leader", "区领导"
    SUPERVISOR = "supervisor", "督查"
    ADMIN = "admin", "系统管理员"
    SURVEYOR = "surveyor", "满意度调查员"
    """Of a third party: sees the survey rounds it works on, and nothing else (``accounts.outside``)."""


IN_OFFICE = frozenset(Role) - {Role.SURVEYOR}
"""Everybody who works for the government."""


class User(AbstractUser):
    """An account. What it may do follows from its unit and its roles, never from Django's permissions."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="users", verbose_name="单位"
    )
    official = models.OneToOneField(
        Official, models.PROTECT, null=True, blank=True, related_name="user", verbose_name="干部"
    )
    engaged_by = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="outside_accounts", verbose_name="委托单位",
        help_text="只给第三方的满意度调查员填：委托调查的单位；这样的账号没有“单位”和“干部”",
    )  # fmt: skip
    is_system = models.BooleanField("系统账号", default=False, editable=False)
    toured_at = models.DateTimeField("看过入门", null=True, blank=True, editable=False)

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [
            # Whoever has no unit sees nothing: every ``visible_to`` begins with that.
            models.CheckConstraint(
                condition=Q(engaged_by__isnull=True) | Q(unit__isnull=True, official__isnull=True),
                name="user_outside_has_no_unit",
                violation_error_message="第三方账号不能有“单位”和“干部”，只填“委托单位”。",
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Chinese order: family name first, no space."""
        return f"{self.last_name}{self.first_name}"

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants.all())

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @cached_property
    def is_outside(self) -> bool:
        """Of a third party: every page is closed to it but those that say otherwise (``accounts.outside``)."""
        return self.engaged_by_id is not None or Role.SURVEYOR in self.roles

    @property
    def role_labels(self) -> list[str]:
        return [str(role.label) for role in Role if role.value in self.roles]


class RoleGrant(models.Model):
    """A role an account holds for its unit."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = verbose_name_plural = "角色"
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_granted_once")]

    def __str__(self) -> str:
        return self.get_role_display()


class AuditEntry(models.Model):
    """Who looked at, exported or changed what. References only: no personal text."""

    at = models.DateTimeField("时间", db_index=True)
    user_id = models.BigIntegerField("账号编号", null=True)
    unit_id = models.BigIntegerField("单位编号", null=True)
    action = models.CharField("动作", max_length=40)
    object_type = models.CharField("对象类别", max_length=40, blank=True)
    object_id = models.CharField("对象编号", max_length=40, blank=True)
    data = models.JSONField("说明", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ["-id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return self.action
