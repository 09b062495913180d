"""Where several cadres lead one firm today, the first goes on leading and the others support."""

from django.db import migrations


def let_the_others_support(apps, schema_editor):
    assignments = apps.get_model("liaisons", "Assignment").objects.filter(part="lead", ended__isnull=True)
    for name in ("enterprise", "project"):
        seen = set()
        leads = assignments.filter(**{f"{name}__isnull": False}).order_by("started", "pk")
        for pk, firm in leads.values_list("pk", name).iterator():
            if firm in seen:
                assignments.filter(pk=pk).update(part="support")
            seen.add(firm)


class Migration(migrations.Migration):
    dependencies = [("liaisons", "0006_opinions_passed_on_later")]
    operations = [migrations.RunPython(let_the_others_support, migrations.RunPython.noop)]
