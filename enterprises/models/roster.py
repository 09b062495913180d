"""The roster: enterprises and projects, and whom to call there."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit
from core.phones import validate_phone
from core.pinyin import initials
from core.search import Searchable
from core.wording import spoken
from districts.models import Region
from enterprises.querysets import RosterQuerySet
from enterprises.uscc import validate_credit_code


class Tier(models.TextChoices):
    """How the plan sorts the firms it covers: 241 四上, 3,802 中小微 (projects are the third tier)."""

    ABOVE_SCALE = "above_scale", "四上企业"
    SMALL = "small", "中小微企业"


class SizeClass(models.TextChoices):
    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class Industry(models.TextChoices):
    """GB/T 4754-2017, the 20 sections."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


class AboveScaleKind(models.TextChoices):
    """四上: the five kinds of firms that report to the statistical office."""

    INDUSTRY = "industry", "规模以上工业"
    BUILDING = "building", "有资质的建筑业"
    TRADE = "trade", "限额以上批零住餐"
    PROPERTY = "property", "房地产开发经营"
    SERVICES = "services", "规模以上服务业"


class RosterEntry(Searchable):
    """What enterprises and projects share: a name, a place, someone to call."""

    name = models.CharField("名称", max_length=120)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=spoken("所在乡镇办、园区")
    )
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    industry = models.CharField("行业门类", max_length=1, choices=Industry.choices, blank=True)
    competent_unit = models.ForeignKey(
        Unit, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="行业主管部门"
    )
    address = models.CharField("地址", max_length=200, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_post = models.CharField("联系人职务", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True, validators=[validate_phone])
    active = models.BooleanField("在册", default=True)
    created_at = models.DateTimeField("入库时间")

    objects = RosterQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Enterprise(RosterEntry):
    tier = models.CharField("层级", max_length=20, choices=Tier.choices)
    # NULL where there is none: the codes are unique, and only NULLs may repeat.
    credit_code = models.CharField(  # noqa: DJ001
        "统一社会信用代码", max_length=18, null=True, blank=True, validators=[validate_credit_code]
    )
    registration_number = models.CharField("注册号", max_length=15, null=True, blank=True)  # noqa: DJ001
    no_code_reason = models.CharField("代码暂缺原因", max_length=100, blank=True)
    size_class = models.CharField("规模", max_length=10, choices=SizeClass.choices, blank=True)
    above_scale_kind = models.CharField("四上类别", max_length=10, choices=AboveScaleKind.choices, blank=True)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    titles_checked_on = models.DateField("资质称号核对日期", null=True, blank=True)
    """Since then a title that is not recorded is one the firm does not have; before, nobody knows."""
    legal_person = models.CharField("法定代表人", max_length=50, blank=True)
    main_products = models.CharField("主营业务", max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", verbose_name="已并入"
    )

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "credit_code"], name="enterprise_credit_code_once"),
            models.UniqueConstraint(
                fields=["district", "registration_number"], name="enterprise_reg_number_once"
            ),
            models.CheckConstraint(
                condition=Q(credit_code__isnull=False)
                | Q(registration_number__isnull=False)
                | ~Q(no_code_reason=""),
                name="enterprise_code_or_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "tier"], name="enterprise_region_tier"),
            # An import looks firms without any code up by their name.
            models.Index(fields=["district", "name"], name="enterprise_district_name"),
        ]

    def search_words(self) -> list[str]:
        codes = [self.credit_code or "", self.registration_number or ""]
        return [self.name, *codes, self.main_products, initials(self.name)]

    @property
    def code_tail(self) -> str:
        """The last characters of the code: enough to tell two firms of the same name apart."""
        code = self.credit_code or self.registration_number
        return f"尾号{code[-6:]}" if code else "代码暂缺"

    @property
    def code_text(self) -> str:
        """The code as shown: credit code, registration number, or why there is none."""
        return self.credit_code or self.registration_number or f"暂缺（{self.no_code_reason}）"


class Project(RosterEntry):
    """重点项目: has no credit code of its own."""

    owner = models.ForeignKey(
        Enterprise, models.SET_NULL, null=True, blank=True, related_name="projects", verbose_name="建设单位"
    )
    owner_name = models.CharField("建设单位名称", max_length=120, blank=True)
    investment = models.DecimalField("总投资（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    stage = models.CharField("建设阶段", max_length=30, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "重点项目"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["district", "name"], name="project_name_once")]

    def search_words(self) -> list[str]:
        return [self.name, self.owner_name, initials(self.name)]
