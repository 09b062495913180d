"""What an appeal, a visit, an assignment … is about."""

from django.db import models
from django.db.models import Q

from enterprises.models.roster import Enterprise, Project


class HasSubject(models.Model):
    """The subject of an appeal, a visit or an assignment.

    An enterprise, a project (the 14 have no credit code), or a firm that is claimed but not yet matched
    to the roster. What was claimed stays beside the match.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="企业"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="项目"
    )
    claimed_name = models.CharField("自报名称", max_length=120, blank=True)
    claimed_code = models.CharField("自报代码", max_length=18, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def subject_constraint(name: str) -> models.CheckConstraint:
        """Exactly one roster entry, or a claimed name alone."""
        return models.CheckConstraint(
            condition=Q(enterprise__isnull=False, project__isnull=True)
            | Q(enterprise__isnull=True, project__isnull=False)
            | (Q(enterprise__isnull=True, project__isnull=True) & ~Q(claimed_name="")),
            name=name,
        )

    @property
    def subject(self) -> Enterprise | Project | None:
        return self.enterprise or self.project

    @subject.setter
    def subject(self, found: Enterprise | Project) -> None:
        self.enterprise = found if isinstance(found, Enterprise) else None
        self.project = found if isinstance(found, Project) else None

    @property
    def subject_name(self) -> str:
        return self.subject.name if self.subject else self.claimed_name

    @property
    def is_matched(self) -> bool:
        return self.enterprise_id is not None or self.project_id is not None


class OnRoster(models.Model):
    """About one entry of the roster: an enterprise or a project, never a claimed name."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, null=True, blank=True, related_name="%(class)ss", verbose_name="企业"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="%(class)ss", verbose_name="项目"
    )

    class Meta:
        abstract = True

    @staticmethod
    def entry_constraint(name: str) -> models.CheckConstraint:
        return models.CheckConstraint(
            condition=Q(enterprise__isnull=False, project__isnull=True)
            | Q(enterprise__isnull=True, project__isnull=False),
            name=name,
        )

    @property
    def entry(self) -> Enterprise | Project:
        entry = self.enterprise or self.project
        assert entry is not None
        return entry
