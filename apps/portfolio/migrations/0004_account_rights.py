from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_event_of_kind")]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={
                "ordering": ("slug",),
                "permissions": (("trade_account", "Can trade on the account"),),
            },
        ),
    ]
