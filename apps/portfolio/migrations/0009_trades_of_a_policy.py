"""Finds whose orders a version of a policy wanted, for the statistics of its trades."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0008_days_in_names")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=~Q(policy=""), fields=["policy", "instrument"], name="portfolio_order_policy"
            ),
        ),
    ]
