"""Row 12 (政策宣传惠及企业) is counted from outreach; tables frozen before then name the hand-outs behind it.

The figures stay as they were handed in. Only what opens behind them is named anew: each hand-out by the
outreach that was written for it.
"""

from django.db import migrations

REACHED = "policy_reached"


def name_the_outreach(apps, schema_editor) -> None:
    Outreach = apps.get_model("policies", "Outreach")
    _rename(apps, lambda ids: Outreach.objects.filter(hand_out__in=ids).values_list("hand_out", "pk"))


def name_the_hand_outs(apps, schema_editor) -> None:
    Outreach = apps.get_model("policies", "Outreach")
    _rename(apps, lambda ids: Outreach.objects.filter(pk__in=ids, way="paper").values_list("pk", "hand_out"))


def _rename(apps, pairs) -> None:
    DistrictProfile = apps.get_model("districts", "DistrictProfile")
    FrozenFigure = apps.get_model("reports", "FrozenFigure")
    for profile in DistrictProfile.objects.iterator():
        rows = [row["no"] for row in profile.data["form"]["rows"] if row.get("indicator") == REACHED]
        figures = FrozenFigure.objects.filter(table__period__profile=profile, row__in=rows)
        for figure in figures.iterator():
            names = dict(pairs(figure.evidence))
            figure.evidence = sorted(names[pk] for pk in figure.evidence if pk in names)
            figure.save(update_fields=["evidence"])


class Migration(migrations.Migration):
    dependencies = [
        ("districts", "0001_initial"),
        ("policies", "0003_outreach_of_hand_outs"),
        ("reports", "0002_steps_and_restored_entries"),
    ]

    operations = [migrations.RunPython(name_the_outreach, name_the_hand_outs)]
