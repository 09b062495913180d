"""Forms of the directory: one firm, one project, one upload."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Unit, User
from core.search import normalise
from core.uploads import OLE, check_upload
from districts.models import Region
from enterprises.models import Enterprise, Project, RosterEntry, RosterImport
from enterprises.policies import TERRITORIAL, editable_region
from enterprises.selectors import find_exactly
from enterprises.subjects import SubjectField
from enterprises.uscc import clean_credit_code, clean_registration_number

MAX_ROSTER_BYTES = 10 * 1024 * 1024


class RosterEntryForm(forms.ModelForm):
    """The shared half of both forms: places the user looks after, units of the district."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        region = editable_region(user)
        places = (
            Region.objects.subtree(region).filter(level__in=TERRITORIAL) if region else Region.objects.none()
        )
        if self.instance.region_id:
            places = places | Region.objects.filter(pk=self.instance.region_id)
        self.fields["region"].queryset = places.order_by("path")  # type: ignore[attr-defined]
        self.fields["region"].empty_label = "请选择"  # type: ignore[attr-defined]
        units = (
            Unit.objects.visible_to(user).active().filter(district=user.unit.district if user.unit else None)
        )
        self.fields["competent_unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["competent_unit"].empty_label = "未指定"  # type: ignore[attr-defined]
        for name in {"tier", "industry", "size_class"} & set(self.fields):
            blank = "请选择" if self.fields[name].required else "未填写"
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [(code, label if code else blank) for code, label in choices]  # type: ignore[attr-defined]
        if not self.instance.pk:
            del self.fields["active"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def changes(self) -> dict[str, Any]:
        """Every field, for the service to write the ones that differ."""
        return self.values()

    def values(self) -> dict[str, Any]:
        """Everything a new entry is made of."""
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}

    def _post_clean(self) -> None:
        """The service validates the entry as a whole; here the form only checks its fields."""

    def take_errors(self, error: ValidationError) -> None:
        """Show what the service refused beside the fields."""
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


class EnterpriseForm(RosterEntryForm):
    # Longer than the code, so that a wrong number is explained and not cut.
    credit_code = forms.CharField(
        label="统一社会信用代码", required=False, max_length=40, help_text="18位；没有的，填注册号或写明原因"
    )
    registration_number = forms.CharField(
        label="注册号", required=False, max_length=40, help_text="15位工商注册号"
    )

    class Meta:
        model = Enterprise
        fields = [
            "name", "tier", "credit_code", "registration_number", "no_code_reason", "region", "industry",
            "size_class", "competent_unit", "address", "legal_person", "main_products", "contact_name",
            "contact_post", "contact_phone", "active",
        ]  # fmt: skip
        help_texts = {
            "no_code_reason": "前两栏都没有时填写，如：正在办理营业执照",
            "active": "不再经营或已迁出的，取消勾选；记录保留",
        }

    def clean_credit_code(self) -> str | None:
        value = self.cleaned_data["credit_code"]
        return clean_credit_code(value) if value else None

    def clean_registration_number(self) -> str | None:
        value = self.cleaned_data["registration_number"]
        return clean_registration_number(value) if value else None


class ProjectForm(RosterEntryForm):
    owner = SubjectField(
        label="建设单位（底册内）", required=False, help_text="输入三个字查找；不在底册的填下一栏"
    )

    class Meta:
        model = Project
        fields = [
            "name", "region", "owner", "owner_name", "investment", "stage", "industry", "competent_unit",
            "address", "contact_name", "contact_post", "contact_phone", "active",
        ]  # fmt: skip
        help_texts = {"stage": "如：前期、在建、投产", "active": "已竣工转企业或已取消的，取消勾选；记录保留"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["owner"].user = user  # type: ignore[attr-defined]
        self.initial["owner"] = self.instance.owner

    def clean_owner(self) -> Enterprise | None:
        owner = self.cleaned_data["owner"]
        typed = str(self.data.get("owner_text", "")).strip()
        if owner is None and typed:
            # Without JavaScript nothing was chosen from the list; the whole name or code will do.
            owner = find_exactly(user=self.user, text=typed)
            if owner is None:
                raise ValidationError(
                    f"底册中没有找到“{typed[:30]}”：请填全称，或把名称填在“建设单位名称”一栏。"
                )
        if isinstance(owner, Project):
            raise ValidationError("建设单位应为企业，不能是项目。")
        return owner

    def clean_investment(self) -> Any:
        value = self.cleaned_data["investment"]
        if value is not None and value < 0:
            raise ValidationError("总投资不能为负数。")
        return value


class RosterUploadForm(forms.Form):
    kind = forms.ChoiceField(
        label="导入内容", choices=RosterImport.Kind.choices, widget=forms.RadioSelect, initial="enterprises"
    )
    file = forms.FileField(
        label="底册文件",
        help_text="填好的 .xlsx，不超过 10 MB",
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-mb": "10", "data-max-files": "1"}),
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def clean_file(self) -> UploadedFile:
        upload = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_ROSTER_BYTES:
            raise ValidationError("文件超过 10 MB：请删除图片和多余的工作表，或分成几个文件上传。")
        head = upload.read(8)
        upload.seek(0)
        if head.startswith(OLE):
            raise ValidationError("这是旧版 .xls 或设了密码的文件：请取消密码，另存为 .xlsx 后再上传。")
        if not normalise(upload.name).endswith(".xlsx"):
            raise ValidationError("只接受 .xlsx 文件：请用 Excel 或 WPS 另存为 .xlsx 后再上传。")
        check_upload(upload)
        return upload


def roster_form(entry: RosterEntry) -> type[RosterEntryForm]:
    return EnterpriseForm if isinstance(entry, Enterprise) else ProjectForm
