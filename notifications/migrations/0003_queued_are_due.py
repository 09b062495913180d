from django.db import migrations
from django.db.models import F


def queued_are_due(apps, schema_editor):
    """What waits since before there were quiet hours is due at once."""
    Notice = apps.get_model("notifications", "Notice")
    Notice.objects.filter(state="queued", next_try_at=None).update(next_try_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_channels")]

    operations = [migrations.RunPython(queued_are_due, migrations.RunPython.noop)]
