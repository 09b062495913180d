"""Opinions are found by their words and say when they were passed on; an officer's line may be taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from core.search import AddBigramIndex, normalise


def fill(apps, schema_editor) -> None:
    """Each row once, and no foreign key: else PostgreSQL would not take the constraint in the same transaction."""
    Opinion = apps.get_model("liaisons", "Opinion")
    opinions = list(Opinion.objects.select_related("enterprise", "project"))
    for opinion in opinions:
        subject = opinion.enterprise or opinion.project
        firm = subject.name if subject else opinion.claimed_name
        words = (opinion.content, firm, opinion.answer)
        opinion.search_text = normalise(" ".join(word for word in words if word))
        opinion.passed_at = opinion.recorded_at if opinion.passed_to_id else None
    Opinion.objects.bulk_update(opinions, ["search_text", "passed_at"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [
        ("liaisons", "0005_opinions_name_their_firm"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="opinion",
            name="search_text",
            field=models.TextField(default="", editable=False, verbose_name="检索文本"),
        ),
        migrations.AddField(
            model_name="opinion",
            name="passed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="提请时间"),
        ),
        migrations.AddField(
            model_name="opinion",
            name="passed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提请人",
            ),
        ),
        AddBigramIndex("Opinion"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=Q(passed_to__isnull=True, passed_at__isnull=True)
                | Q(passed_to__isnull=False, passed_at__isnull=False),
                name="opinion_passing_on_is_dated",
            ),
        ),
        migrations.RemoveConstraint(model_name="liaisonofficer", name="officer_ends_later"),
        migrations.AddConstraint(
            model_name="liaisonofficer",
            constraint=models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gte=F("started")), name="officer_ends_later"
            ),
        ),
    ]
