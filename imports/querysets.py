"""Who may see which uploads."""

from django.db import models
from django.db.models import Q

from accounts.models import Role
from districts.querysets import scope


class SheetImportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SheetImportQuerySet":
        """What the own unit uploaded; dispatchers see every upload of their district."""
        if user.unit_id is None:
            return self.none()
        visible = Q(unit=user.unit_id)
        if user.has_role(Role.DISPATCHER):
            visible |= scope(user.unit.widest_region, "district")
        return self.filter(visible)


class SheetRowQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SheetRowQuerySet":
        """Rows are visible with their upload."""
        imports = self.model._meta.get_field("sheet_import").related_model.objects.visible_to(user)
        return self.filter(sheet_import__in=imports)

    def approved(self) -> "SheetRowQuerySet":
        """What is written once somebody has confirmed the import."""
        outcome = self.model.Outcome
        return self.filter(outcome__in=[outcome.NEW, outcome.CHANGED, outcome.GONE], approved=True)
