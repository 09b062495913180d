"""The working-day calendar for the administrator; regions and rules are read here and loaded by command.

What all districts share is the platform's to change: one district's administrator would change it for the others.
"""

from django.contrib import admin
from django.db.models import Q

from districts import calendars
from districts.models import CalendarDay, DistrictProfile, Region


def keeps_the_platform(user) -> bool:
    """Whoever belongs to no unit; where only one district is at work, its administrator."""
    return user.unit_id is None or Region.objects.at_work().count() <= 1


class Shared(admin.ModelAdmin):
    """Read by every administrator, changed by whoever keeps the platform."""

    def has_add_permission(self, request) -> bool:
        return super().has_add_permission(request) and keeps_the_platform(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and keeps_the_platform(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and keeps_the_platform(request.user)


@admin.register(CalendarDay)
class CalendarDayAdmin(Shared):
    list_display = ["date", "is_workday", "label"]
    date_hierarchy = "date"

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        calendars.forget()


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Region)
class RegionAdmin(ReadOnly):
    list_display = ["name", "level", "code", "parent"]
    list_filter = ["level"]

    def get_queryset(self, request):
        """Of the own district, and what it lies in."""
        rows, user = super().get_queryset(request), request.user
        if user.unit_id is None:
            return rows
        own = user.unit.district
        return rows.filter(Q(path__startswith=own.path) | Q(pk__in=own.path_ids))


@admin.register(DistrictProfile)
class DistrictProfileAdmin(ReadOnly):
    list_display = ["district", "effective_from", "note"]

    def get_queryset(self, request):
        rows, user = super().get_queryset(request), request.user
        return rows if user.unit_id is None else rows.filter(district=user.unit.district_id)
