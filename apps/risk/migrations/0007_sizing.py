"""Sizers by Kelly and by average true range, and less size after losses."""

from django.db import migrations, models
from django.db.models import Q


def exact() -> models.Field:
    return models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True)


def share(name: str, most: int) -> Q:
    return Q(**{f"{name}__isnull": False, f"{name}__gt": 0, f"{name}__lte": most})


KELLY = share("kelly_fraction", 1) & share("kelly_probe", 1)


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0006_measures"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="sizingrule", name="risk_sizing_has_sizer"),
        migrations.AddField("sizingrule", "kelly_fraction", exact()),
        migrations.AddField("sizingrule", "kelly_cap", exact()),
        migrations.AddField("sizingrule", "kelly_probe", exact()),
        migrations.AddField("sizingrule", "atr_share", exact()),
        migrations.AddField("sizingrule", "atr_multiple", exact()),
        migrations.AddField(
            "sizingrule",
            "kelly_kind",
            models.CharField(
                blank=True,
                choices=[("discrete", "discrete"), ("continuous", "continuous")],
                db_default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            "sizingrule",
            "atr_timeframe",
            models.CharField(
                blank=True,
                choices=[(name, name) for name in ("1m", "5m", "15m", "1h", "4h", "1d")],
                db_default="",
                max_length=4,
            ),
        ),
        migrations.AddField(
            "sizingrule", "drawdown_scaling", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddConstraint(
            "sizingrule",
            models.CheckConstraint(
                condition=Q(risk_fraction__isnull=False)
                | Q(target_volatility__isnull=False)
                | ~Q(kelly_kind="")
                | Q(atr_share__isnull=False),
                name="risk_sizing_has_sizer",
            ),
        ),
        migrations.AddConstraint(
            "sizingrule",
            models.CheckConstraint(
                condition=Q(
                    kelly_kind="",
                    kelly_fraction__isnull=True,
                    kelly_cap__isnull=True,
                    kelly_probe__isnull=True,
                )
                | (Q(kelly_kind="discrete") & share("kelly_cap", 1) & KELLY)
                | (Q(kelly_kind="continuous") & share("kelly_cap", 100) & KELLY),
                name="risk_sizing_kelly",
            ),
        ),
        migrations.AddConstraint(
            "sizingrule",
            models.CheckConstraint(
                condition=Q(atr_timeframe="", atr_share__isnull=True, atr_multiple__isnull=True)
                | (
                    Q(atr_timeframe__in=["1m", "5m", "15m", "1h", "4h", "1d"])
                    & share("atr_share", 1)
                    & share("atr_multiple", 100)
                ),
                name="risk_sizing_atr",
            ),
        ),
    ]
