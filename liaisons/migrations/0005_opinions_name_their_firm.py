"""An opinion heard at a visit is the visited firm's; an announced event tells what was changed."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from core.search import AddBigramIndex

SUBJECT = ("enterprise_id", "project_id", "claimed_name", "claimed_code")


def name_the_firm(apps, schema_editor) -> None:
    Opinion, Visit = apps.get_model("liaisons", "Opinion"), apps.get_model("liaisons", "Visit")
    visit = Visit.objects.filter(pk=OuterRef("visit"))
    heard = Opinion.objects.filter(visit__isnull=False)
    heard.update(**{name.removesuffix("_id"): Subquery(visit.values(name)[:1]) for name in SUBJECT})


class Migration(migrations.Migration):
    dependencies = [("liaisons", "0004_contact_network_links")]

    operations = [
        migrations.RunPython(name_the_firm, migrations.RunPython.noop),
        AddBigramIndex("ServiceEvent"),
        migrations.AddField(
            "serviceevent",
            "changed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="公示后变更时间"),
        ),
        migrations.AddField(
            "serviceevent",
            "changed_from",
            models.CharField(blank=True, max_length=300, verbose_name="变更前的时间、地点"),
        ),
        migrations.AddField(
            "serviceevent",
            "revision",
            models.PositiveSmallIntegerField(default=0, verbose_name="公示后变更次数"),
        ),
    ]
