"""The working-day calendar for the administrator; regions and rules are read here and loaded by command."""

from django.contrib import admin

from districts import calendars
from districts.models import CalendarDay, DistrictProfile, Region


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
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


@admin.register(DistrictProfile)
class DistrictProfileAdmin(ReadOnly):
    list_display = ["district", "effective_from", "note"]
