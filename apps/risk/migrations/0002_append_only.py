"""Reviews and breaker events are only ever added, whoever asks."""

from django.db import migrations

TABLES = ("risk_riskreview", "risk_breakerevent")
FORWARD = """
CREATE FUNCTION risk_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "\n".join(
    f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION risk_only_added();"
    for table in TABLES
)
BACKWARD = "\n".join(f"DROP TRIGGER {table}_only_added ON {table};" for table in TABLES) + (
    "\nDROP FUNCTION risk_only_added();"
)


class Migration(migrations.Migration):
    dependencies = [("risk", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
