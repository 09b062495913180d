import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Count

LONGEST = 40


def tell_double_numbers_apart(apps, schema_editor):
    """A number on two appeals stays with the first; the others are marked, to be corrected by hand.

    They keep a number, so that no week's table changes afterwards.
    """
    Appeal = apps.get_model("appeals", "Appeal")
    numbered = Appeal.objects.exclude(provincial_number="")
    doubles = (
        numbered.order_by()
        .values_list("district", "provincial_number")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
    )
    for district, number, _ in list(doubles):
        same = numbered.filter(district=district, provincial_number=number)
        later = list(same.order_by("provincial_recorded_at", "pk").values_list("pk", flat=True))[1:]
        place = 2
        for pk in later:
            while numbered.filter(district=district, provincial_number=marked(number, place)).exists():
                place += 1
            Appeal.objects.filter(pk=pk).update(provincial_number=marked(number, place))


def marked(number, place):
    mark = f"（重复{place}）"
    return number[: LONGEST - len(mark)] + mark


class Migration(migrations.Migration):
    dependencies = [
        ("appeals", "0007_assist_ruling"),
        ("imports", "0001_contact_network"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProvincialResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("status", models.CharField(max_length=40, verbose_name="省平台状态")),
                ("text", models.TextField(blank=True, verbose_name="省平台办理结果")),
                ("on", models.DateField(verbose_name="日期")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provincial_results",
                        to="appeals.appeal",
                        verbose_name="诉求",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "sheet_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="imports.sheetimport",
                        verbose_name="来自导入",
                    ),
                ),
            ],
            options={
                "verbose_name": "省平台结果",
                "verbose_name_plural": "省平台结果",
                "ordering": ["-on", "-id"],
                "indexes": [models.Index(fields=["appeal", "-on", "-id"], name="provincial_result_last")],
            },
        ),
        migrations.RunPython(tell_double_numbers_apart, migrations.RunPython.noop),
    ]
