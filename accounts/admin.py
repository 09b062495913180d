"""Units, officials and accounts for the administrator; every change is kept in the audit log."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from accounts import audit
from accounts.models import AuditEntry, Official, Post, Role, RoleGrant, Unit, User
from accounts.services import SURVEYOR_ALONE, follow_roles
from districts.admin import ReadOnly


class Audited(admin.ModelAdmin):
    """Deleting people and units would tear holes into the past: they end or are switched off instead."""

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        audit.record(request.user, "admin.change" if change else "admin.add", obj, fields=form.changed_data)


@admin.register(Unit)
class UnitAdmin(Audited):
    list_display = ["short_name", "code", "kind", "region", "active", "merged_into"]
    list_filter = ["active", "kind"]
    search_fields = ["name", "code"]


class PostInline(admin.TabularInline):
    model = Post
    fk_name = "official"
    extra = 0


@admin.register(Official)
class OfficialAdmin(Audited):
    list_display = ["name", "district"]
    search_fields = ["name"]
    inlines = [PostInline]


class RoleGrantFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """A surveyor of a third party is nothing else besides."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        roles = {row.get("role") for row in kept if row and not row.get("DELETE")} - {None}
        user = self.instance
        outside = Role.SURVEYOR in roles
        if outside and (len(roles) > 1 or user.unit_id or user.official_id or not user.engaged_by_id):
            raise ValidationError(SURVEYOR_ALONE)
        if not outside and user.engaged_by_id:
            raise ValidationError("填了“委托单位”的是第三方账号，角色只能是“满意度调查员”。")


class RoleGrantInline(admin.TabularInline):
    model = RoleGrant
    formset = RoleGrantFormSet
    extra = 0


@admin.register(User)
class UserAdmin(Audited, DjangoUserAdmin):
    list_display = ["username", "get_full_name", "unit", "is_active", "last_login"]
    list_filter = ["is_active", "grants__role"]
    search_fields = ["username", "last_name", "first_name"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("人员", {"fields": ["last_name", "first_name", "email", "unit", "official", "engaged_by"]}),
        ("状态", {"fields": ["is_active", "last_login"]}),
    ]
    readonly_fields = ["last_login"]
    inlines = [RoleGrantInline]

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)
        follow_roles(user, user.roles)
        user.save(update_fields=["is_staff", "is_superuser"])
        audit.record(request.user, "admin.roles", user, roles=sorted(user.roles))

    def get_queryset(self, request):
        return super().get_queryset(request).filter(is_system=False)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "action", "user_id", "object_type", "object_id"]
    list_filter = ["action"]
    date_hierarchy = "at"
