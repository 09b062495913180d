# mypy: disable-error-code="attr-defined, union-attr"
"""Who may see which ratings, low ones, survey rounds and remarks on conduct."""

from django.db import models
from django.db.models import Q

from accounts.models import Role
from appeals.querysets import UNIT_ROLES
from core import clock
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE

MANAGERS = (Role.DISPATCHER, Role.BUREAU_LEADER)
"""Of the unit that runs a round."""


def rated_work(user) -> Q:
    """Whose work the user may see judged: the district's, the own unit's with its windows, or the own."""
    if user.unit_id is None:
        return Q(pk__in=[])
    seen = Q(pk__in=[])
    if user.has_role(*DISTRICT_WIDE):
        seen |= scope(user.unit.widest_region, "district")
    if user.has_role(*UNIT_ROLES):
        seen |= Q(unit=user.unit_id) | Q(unit__parent=user.unit_id)
    if user.has_role(Role.WINDOW):
        seen |= Q(unit=user.unit_id)
    if user.official_id:
        seen |= Q(official=user.official_id)
    return seen


class ServiceRatingQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ServiceRatingQuerySet":
        return self.filter(rated_work(user))

    def counting(self) -> "ServiceRatingQuerySet":
        """Without those that were found to be mistaken."""
        return self.exclude(low__state="upheld")


class LowRatingQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LowRatingQuerySet":
        """A cadre reads what is said of the own work where the firm gave it to be read; a survey names nobody."""
        if user.unit_id is None:
            return self.none()
        return self.filter(rated_work(user))

    def open(self) -> "LowRatingQuerySet":
        return self.filter(state=self.model.State.OPEN)

    def disputed(self) -> "LowRatingQuerySet":
        return self.filter(state=self.model.State.DISPUTED)

    def of_unit(self, unit: int) -> "LowRatingQuerySet":
        """What the unit answers for: its own, and its windows'."""
        return self.filter(Q(unit=unit) | Q(unit__parent=unit))

    def overdue(self) -> "LowRatingQuerySet":
        return self.open().filter(due_at__lt=clock.now())


class LowRatingEvidenceQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LowRatingEvidenceQuerySet":
        """With the case it belongs to."""
        cases = self.model._meta.get_field("case").related_model.objects.visible_to(user)
        return self.filter(case__in=cases.order_by().values("pk"))


class SurveyRoundQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SurveyRoundQuerySet":
        """Whoever oversees the district. A surveyor finds the own rounds with :meth:`worked_on_by`."""
        if user.unit_id is None or not user.has_role(*DISTRICT_WIDE):
            return self.none()
        seen = scope(user.unit.widest_region, "district")
        if user.has_role(*MANAGERS):
            return self.filter(seen)
        return self.filter(seen & Q(state=self.model.State.PUBLISHED))

    def managed_by(self, user) -> "SurveyRoundQuerySet":
        if user.unit_id is None or not user.has_role(*MANAGERS):
            return self.none()
        return self.filter(unit=user.unit_id)

    def worked_on_by(self, user) -> "SurveyRoundQuerySet":
        """The rounds an account of a third party enters answers for, as long as they run."""
        if not user.is_outside:
            return self.none()
        return self.filter(surveyors=user.pk, unit=user.engaged_by_id, state=self.model.State.RUNNING)


class SurveySampleQuerySet(models.QuerySet):
    """The firms that were drawn: nobody sees them but who runs the round, and who calls them."""

    def visible_to(self, user) -> "SurveySampleQuerySet":
        rounds = self.model._meta.get_field("round").related_model.objects
        mine = rounds.worked_on_by(user) if user.is_outside else rounds.managed_by(user)
        return self.filter(round__in=mine.order_by().values("pk"))


class SurveyAnswerQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SurveyAnswerQuerySet":
        """After the round, when nothing leads back to who answered; a unit's only where there are enough."""
        if user.unit_id is None:
            return self.none()
        seen = Q(pk__in=[])
        if user.has_role(*DISTRICT_WIDE):
            seen |= scope(user.unit.widest_region, "round__district")
        if user.has_role(*UNIT_ROLES):
            seen |= Q(unit=user.unit_id, shown=True)
        return self.severed().filter(seen)

    def severed(self) -> "SurveyAnswerQuerySet":
        return self.filter(round__severed_at__isnull=False)

    def counting(self) -> "SurveyAnswerQuerySet":
        """Of the sample, without what was found to be mistaken."""
        return self.filter(sampled=True).exclude(low__state="upheld")


class ConductRemarkQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ConductRemarkQuerySet":
        """督查 of the district and nobody else: neither the bureau nor the unit, the leaders or an administrator."""
        if user.unit_id is None or not user.has_role(Role.SUPERVISOR) or user.has_role(Role.ADMIN):
            return self.none()
        return self.filter(supervisor=user.unit_id)
