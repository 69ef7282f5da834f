"""Figures of every scope, and the covariance they stand on. The number ties counters to a reading."""

import apps.risk.domain.breaker
import django.core.serializers.json
from django.db import migrations, models


FORWARD = """
UPDATE risk_risksnapshot SET scope = 'account:' || account WHERE scope = '' AND account <> '';
CREATE SEQUENCE risk_snapshot_number;
CREATE TRIGGER risk_covariance_only_added BEFORE UPDATE OR DELETE ON risk_covariance
    FOR EACH ROW EXECUTE FUNCTION risk_only_added();
"""
BACKWARD = """
DROP TRIGGER risk_covariance_only_added ON risk_covariance;
DROP SEQUENCE risk_snapshot_number;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0005_permit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Covariance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("base", models.CharField(max_length=8)),
                ("factors", models.JSONField()),
                ("matrix", models.JSONField()),
                ("returns", models.JSONField()),
                ("days", models.JSONField()),
                ("days_used", models.PositiveIntegerField()),
                ("raised", models.PositiveIntegerField(default=0)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("valid_until", models.DateTimeField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("-version",),
            },
        ),
        migrations.CreateModel(
            name="RiskGauge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("number", models.BigIntegerField(default=0)),
                ("currency", models.CharField(blank=True, max_length=8)),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[(0, "NORMAL"), (1, "WARNING"), (2, "REDUCING"), (3, "HALTED")],
                        default=apps.risk.domain.breaker.BreakerLevel["NORMAL"],
                    ),
                ),
                ("equity", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                (
                    "high_water_mark",
                    models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
                ),
                ("drawdown", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("profit", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("day_loss", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("gross", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("net", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("margin_used", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("sigma", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("var", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("es", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("covariance", models.PositiveIntegerField(default=0)),
                ("open_orders", models.PositiveIntegerField(default=0)),
                ("marks_good", models.BooleanField()),
                ("fault", models.CharField(blank=True, max_length=200)),
                (
                    "figures",
                    models.JSONField(
                        blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("desk_at", models.DateTimeField()),
                ("measured_at", models.DateTimeField()),
                ("peak_profit", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("day_profit", models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)),
                ("trading_day", models.DateField(blank=True, null=True)),
                ("figured_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("scope",),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="covariance",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="currency",
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="day_loss",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="es",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="fault",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="figures",
            field=models.JSONField(
                blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
            ),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="number",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="profit",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="scope",
            field=models.CharField(default="", max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="sigma",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="risksnapshot",
            name="var",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AlterField(
            model_name="risksnapshot",
            name="account",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddIndex(
            model_name="risksnapshot",
            index=models.Index(fields=["scope", "-id"], name="risk_snapshot_scope"),
        ),
        migrations.AddConstraint(
            model_name="covariance",
            constraint=models.UniqueConstraint(fields=("version",), name="risk_covariance_once"),
        ),
        migrations.AddConstraint(
            model_name="covariance",
            constraint=models.CheckConstraint(
                condition=models.Q(("days_used__gte", 60), ("first_day__lte", models.F("last_day"))),
                name="risk_covariance_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskgauge",
            constraint=models.UniqueConstraint(fields=("scope",), name="risk_gauge_once"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
