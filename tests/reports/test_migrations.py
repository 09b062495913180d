"""What migrations do to tables that were handed in before them."""

from importlib import import_module

import pytest
from django.apps import apps

from core import clock
from policies.models import Outreach
from reports import services
from reports.models import FrozenFigure
from tests.reports.work import moment

pytestmark = pytest.mark.django_db
migration = import_module("reports.migrations.0003_evidence_of_row_12")


def test_a_table_frozen_with_hand_outs_behind_row_12_opens_their_outreach(work):
    work.meeting("datong", "2026-11-16 08:00", work.firm())  # so that ids of the two kinds differ
    given = [work.papers("datong", "2026-11-16 09:00", 3, work.firm()) for _ in range(2)]
    with clock.at(moment("2026-11-19 11:00")):
        services.submit(table=work.table("datong"), by=work.user("datong"))
    frozen = FrozenFigure.objects.get(row=12)
    hand_outs = [paper.pk for paper in given]
    frozen.evidence, week = hand_outs, frozen.week
    frozen.save()
    others = {figure.row: figure.evidence for figure in FrozenFigure.objects.exclude(row=12)}

    migration.name_the_outreach(apps, None)
    frozen.refresh_from_db()
    assert frozen.evidence == sorted(Outreach.objects.filter(way="paper").values_list("pk", flat=True))
    assert frozen.evidence != hand_outs and frozen.week == week
    assert {figure.row: figure.evidence for figure in FrozenFigure.objects.exclude(row=12)} == others

    migration.name_the_hand_outs(apps, None)
    frozen.refresh_from_db()
    assert frozen.evidence == hand_outs
