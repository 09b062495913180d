"""Whoever was given a policy list has been told about policies: row 12 counts outreach from here on."""

from django.db import migrations

from core.search import AddBigramIndex


def write_outreach(apps, schema_editor) -> None:
    HandOut, Outreach = apps.get_model("policies", "HandOut"), apps.get_model("policies", "Outreach")
    copied = (
        "district_id", "region_id", "unit_id", "occurred_at", "recorded_at",
        "enterprise_id", "project_id", "claimed_name", "claimed_code",
    )  # fmt: skip
    Outreach.objects.bulk_create(
        (
            Outreach(way="paper", hand_out=given, **{name: getattr(given, name) for name in copied})
            for given in HandOut.objects.filter(paper="policy", outreach=None).iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("policies", "0002_contact_network")]

    operations = [
        migrations.RunPython(write_outreach, migrations.RunPython.noop),
        AddBigramIndex("NewsItem"),
    ]
