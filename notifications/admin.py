"""SMS templates, as the operator approved them. Robots have a page of their own, which shows no key."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from accounts import audit
from accounts.admin import Audited
from districts.admin import Shared, keeps_the_platform
from notifications.kinds import DUTIES
from notifications.models import Kind, SmsTemplate


class SmsTemplateForm(ModelForm):
    def clean_kind(self) -> str:
        kind = self.cleaned_data["kind"]
        if not DUTIES[kind].sms:
            sms = "、".join(str(Kind(kind).label) for kind, duty in DUTIES.items() if duty.sms)
            raise ValidationError(f"这类通知不发短信。可以发短信的有：{sms}。")
        return kind


@admin.register(SmsTemplate)
class SmsTemplateAdmin(Shared, Audited):
    """A template may go: without one its kind is told by the other channels."""

    form = SmsTemplateForm
    list_display = ["kind", "code", "text", "longest_title"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj) and keeps_the_platform(request.user)

    def delete_model(self, request, obj) -> None:
        audit.record(request.user, "admin.delete", obj)
        super().delete_model(request, obj)
