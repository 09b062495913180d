from django.db import migrations, models


class Migration(migrations.Migration):
    """On its own: PostgreSQL builds no index in the transaction that has just changed the rows."""

    dependencies = [("appeals", "0008_provincial_results")]

    operations = [
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=~models.Q(provincial_number=""),
                fields=("district", "provincial_number"),
                name="appeal_provincial_once",
                violation_error_message="这个省平台编号已登记在另一件诉求上。",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=models.Q(provincial_number=""),
                fields=["district", "submitted_at", "id"],
                name="appeal_to_be_recorded",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=~models.Q(provincial_number=""),
                fields=["district", "-provincial_recorded_at", "-id"],
                name="appeal_provincial_recent",
            ),
        ),
    ]
