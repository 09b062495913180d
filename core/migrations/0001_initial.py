from django.db import migrations, models

# The pairs of neighbouring characters of a text, for the search index (see core.search).
BIGRAMS = """
CREATE OR REPLACE FUNCTION qqt_bigrams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT pair), '{}')
    FROM (
        SELECT letter || lead(letter) OVER (ORDER BY place) AS pair
        FROM unnest(regexp_split_to_array($1, '')) WITH ORDINALITY AS letters(letter, place)
    ) AS pairs
    WHERE pair IS NOT NULL
$$
"""


def create_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BIGRAMS)


def drop_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS qqt_bigrams(text)")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "name",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="名称"),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={"verbose_name": "心跳", "verbose_name_plural": "心跳"},
        ),
        migrations.CreateModel(
            name="FormToken",
            fields=[
                (
                    "key",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="令牌"),
                ),
                (
                    "result",
                    models.CharField(
                        help_text="what was done, e.g. the id of the record",
                        max_length=100,
                        verbose_name="结果",
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True, verbose_name="时间")),
            ],
            options={"verbose_name": "表单令牌", "verbose_name_plural": "表单令牌"},
        ),
        migrations.RunPython(create_function, drop_function),
    ]
