"""What the venue last said an account is worth, beside our own reckoning."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0009_trades_of_a_policy")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="venue_equity",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="venue_equity_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
