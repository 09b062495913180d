"""Units, officials and accounts for the administrator; every change is kept in the audit log."""

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import Group
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BaseInlineFormSet

from accounts import audit
from accounts.models import AuditEntry, Official, Post, Role, RoleGrant, Unit, User
from accounts.services import SURVEYOR_ALONE, follow_roles
from districts.admin import ReadOnly
from districts.models import Region
from districts.querysets import scope


def _platform(request) -> bool:
    """Whoever belongs to no unit keeps the whole installation; everybody else the own district."""
    return request.user.unit_id is None


class OwnDistrict(admin.options.BaseModelAdmin):
    """What is offered to choose from lies in the administrator's own district."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if not _platform(request) and "queryset" not in kwargs:
            inside = scope(request.user.unit.district, "district")
            match db_field.related_model.__name__:
                case "Region":
                    own = Region.objects.subtree(request.user.unit.district)
                    changed = (request.resolver_match.kwargs or {}).get("object_id", "")
                    # A city's bureau stays where it is; no other unit is moved up there.
                    kept = Region.objects.filter(units=int(changed)) if changed.isdecimal() else own.none()
                    kwargs["queryset"] = Region.objects.filter(pk__in=own) | Region.objects.filter(
                        pk__in=kept
                    )
                case "Unit" | "Official" as name:
                    kwargs["queryset"] = (Unit if name == "Unit" else Official).objects.filter(inside)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class Audited(OwnDistrict, admin.ModelAdmin):
    """Deleting people and units would tear holes into the past: they end or are switched off instead."""

    district_path = ""
    """Where its district stands; empty: it belongs to the whole installation."""

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if _platform(request) or not self.district_path:
            return rows
        return rows.filter(scope(request.user.unit.district, self.district_path))

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        audit.record(request.user, "admin.change" if change else "admin.add", obj, fields=form.changed_data)


@admin.register(Unit)
class UnitAdmin(Audited):
    list_display = ["short_name", "code", "kind", "region", "active", "merged_into"]
    district_path = "district"
    list_filter = ["active", "kind"]
    search_fields = ["name", "code"]


class PostInline(OwnDistrict, admin.TabularInline):
    model = Post
    fk_name = "official"
    extra = 0


@admin.register(Official)
class OfficialAdmin(Audited):
    list_display = ["name", "district"]
    district_path = "district"
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

    def save_model(self, request, obj, form, change) -> None:
        if obj.unit_id is None and obj.engaged_by_id is None and not _platform(request):
            # Without a unit an administrator would be the platform's.
            obj.unit = request.user.unit
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)
        follow_roles(user, user.roles)
        user.save(update_fields=["is_staff", "is_superuser"])
        audit.record(request.user, "admin.roles", user, roles=sorted(user.roles))

    def get_queryset(self, request):
        users = super().get_queryset(request).filter(is_system=False)
        return users if _platform(request) else users.filter(_works_for(request.user.unit.district))


def _works_for(district: Region, user: str = "") -> Q:
    """Who works in the district, and third parties that one of its units engaged."""
    return scope(district, f"{user}unit__district") | scope(district, f"{user}engaged_by__district")


# Roles are granted by `RoleGrant`; addresses stand on the account.
admin.site.unregister([Group, EmailAddress, Authenticator])


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """A second factor that is lost is taken away here; its secret is shown to nobody."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    fields = ("user", "type", "created_at", "last_used_at")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if _platform(request) else rows.filter(_works_for(request.user.unit.district, "user__"))

    def has_delete_permission(self, request, obj=None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request, obj) -> None:
        audit.record(request.user, "admin.delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset) -> None:
        for factor in queryset:
            self.delete_model(request, factor)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "action", "user_id", "object_type", "object_id"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if _platform(request):
            return rows
        return rows.filter(unit_id__in=Unit.objects.of_district(request.user.unit.district).values("pk"))

    list_filter = ["action"]
    date_hierarchy = "at"
