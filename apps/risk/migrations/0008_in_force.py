"""What is put in force counts from the database's time, whatever the clock of the host that asks for it says."""

from django.db import migrations, models
from django.db.models.functions import Now

MODELS = ("risklimit", "sizingrule", "instrumentpermission", "restrictedinstrument", "instrumentclass")


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0007_sizing"),
    ]

    operations = [
        migrations.AlterField(name, "effective_from", models.DateTimeField(db_default=Now()))
        for name in MODELS
    ]
