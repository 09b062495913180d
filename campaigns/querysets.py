"""Who may see campaigns, their tasks, progress and inspections."""

from datetime import date

from django.db import models
from django.db.models import Q

from districts.querysets import scope


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CampaignQuerySet":
        """A plan is issued to all units of its district: everybody who works there reads it."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TaskQuerySet":
        """With the campaign."""
        if not user.unit_id:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "campaign__district"))

    def in_force(self) -> "TaskQuerySet":
        """Those that the plan still holds."""
        return self.filter(withdrawn=False)

    def running_in(self, month: date) -> "TaskQuerySet":
        """Of the month's year, and of the year before what is due only now (“次年1月底前”)."""
        late = self.model._default_manager.filter(
            Q(due__gte=month) | Q(due_by_hand__gte=month) | Q(items__due_by_hand__gte=month),
            campaign__year=month.year - 1,
        )
        return self.filter(Q(campaign__year=month.year) | Q(pk__in=late.order_by().values("pk")))

    def of_unit(self, unit) -> "TaskQuerySet":
        """What the unit leads or assists."""
        return self.filter(
            pk__in=self.model._default_manager.filter(named_units__unit=unit).order_by().values("pk")
        )


class OfATask(models.QuerySet):
    def visible_to(self, user) -> "OfATask":
        """What belongs to a task is visible with it."""
        if not user.unit_id:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "task__campaign__district"))


class InspectionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "InspectionQuerySet":
        """每月通报结果: what an inspection finds is for all units of the district."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()


class InspectionLineQuerySet(models.QuerySet):
    def visible_to(self, user) -> "InspectionLineQuerySet":
        """With the inspection."""
        if not user.unit_id:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "inspection__district"))


class DraftQuerySet(models.QuerySet):
    def visible_to(self, user) -> "DraftQuerySet":
        """Nobody else's business until it is imported."""
        return self.waiting().filter(made_by=user.pk) if user.unit_id else self.none()

    def waiting(self) -> "DraftQuerySet":
        return self.filter(imported_at__isnull=True)

    def imported(self) -> "DraftQuerySet":
        """The newest first."""
        return self.filter(imported_at__isnull=False).order_by("-imported_at", "-pk")
