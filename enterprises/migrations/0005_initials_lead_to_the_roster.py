"""The initials of names become words that find a firm or project: rows of before get them, a batch at a time."""

from django.db import migrations

from core.pinyin import initials

BATCH = 500


def add_initials(apps, schema_editor):
    """Doing it again changes nothing, so a run that broke off is simply run again."""
    for name in ("Enterprise", "Project"):
        rows = apps.get_model("enterprises", name)._base_manager.using(schema_editor.connection.alias)
        last = 0
        while batch := list(rows.filter(pk__gt=last).order_by("pk").only("name", "search_text")[:BATCH]):
            last = batch[-1].pk
            changed = []
            for row in batch:
                word = initials(row.name)
                if word and word not in row.search_text.split(" "):
                    row.search_text = f"{row.search_text} {word}".strip()
                    changed.append(row)
            rows.bulk_update(changed, ["search_text"])


class Migration(migrations.Migration):
    # Each batch is its own transaction: a roster of millions is not locked while it is gone through.
    atomic = False

    dependencies = [("enterprises", "0004_contact_network_links")]

    operations = [migrations.RunPython(add_initials, migrations.RunPython.noop, elidable=True)]
