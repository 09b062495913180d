"""Official documents, and the words a district gives them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.search import AddBigramIndex


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_whole_workflow"),
        ("appeals", "0013_letter_sender"),
        ("districts", "0001_initial"),
        ("reports", "0003_evidence_of_row_12"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("search_text", models.TextField(default="", editable=False, verbose_name="检索文本")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("slip", "受理登记单"),
                            ("dispatch", "交办单"),
                            ("supervision", "督办单"),
                            ("visits", "走访督办单"),
                            ("reply", "答复函"),
                            ("explain", "情况说明"),
                            ("decline", "不予受理告知书"),
                            ("minutes", "会商研判纪要"),
                        ],
                        max_length=12,
                        verbose_name="文种",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="空：用诉求编号或督办单自己的文号", null=True, verbose_name="序号"
                    ),
                ),
                ("number_text", models.CharField(max_length=60, verbose_name="文号")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("event_seq", models.PositiveIntegerField(default=0, verbose_name="依据的事件")),
                ("made_at", models.DateTimeField(verbose_name="出具时间")),
                ("words", models.JSONField(help_text="出具时的模板", verbose_name="文本")),
                ("values", models.JSONField(help_text="出具时填入的内容", verbose_name="内容")),
                ("file", models.FileField(upload_to="documents/%Y/%m/", verbose_name="文件")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="作废时间")),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300, verbose_name="作废原因")),
                (
                    "appeal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="appeals.appeal",
                        verbose_name="诉求",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="districts.region",
                        verbose_name="所属区县",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="appeals.supervisionletter",
                        verbose_name="督办单",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="发文单位",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作废人",
                    ),
                ),
            ],
            options={
                "verbose_name": "公文",
                "verbose_name_plural": "公文",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(fields=["district", "-made_at", "-id"], name="document_district_recent"),
                    models.Index(fields=["unit", "-made_at"], name="document_unit_recent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("district", "kind", "year", "number"),
                        name="document_number_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("letter__isnull", True), ("withdrawn_at__isnull", True)),
                        fields=("kind", "appeal", "event_seq"),
                        name="document_once_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("letter__isnull", False), ("withdrawn_at__isnull", True)),
                        fields=("letter",),
                        name="document_of_letter_once_in_force",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("slip", "受理登记单"),
                            ("dispatch", "交办单"),
                            ("supervision", "督办单"),
                            ("visits", "走访督办单"),
                            ("reply", "答复函"),
                            ("explain", "情况说明"),
                            ("decline", "不予受理告知书"),
                            ("minutes", "会商研判纪要"),
                        ],
                        max_length=12,
                        verbose_name="文种",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("words", models.JSONField(verbose_name="文本")),
                ("note", models.CharField(max_length=200, verbose_name="改动说明")),
                ("changed_at", models.DateTimeField(verbose_name="修改时间")),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="districts.region",
                        verbose_name="所属区县",
                    ),
                ),
            ],
            options={
                "verbose_name": "公文模板",
                "verbose_name_plural": "公文模板",
                "ordering": ["district", "kind", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district", "kind", "version"), name="template_version_once"
                    )
                ],
            },
        ),
        AddBigramIndex("Document"),
    ]
