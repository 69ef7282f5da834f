from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agents", "0003_guards")]

    operations = [
        migrations.AlterModelOptions(
            name="agent",
            options={
                "ordering": ("instrument", "slug"),
                "permissions": (("operate_agent", "Can operate the agent"),),
            },
        ),
    ]
