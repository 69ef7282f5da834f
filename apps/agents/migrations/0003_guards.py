"""What happened to agents is only ever added, a training moves forward only, and agents learn of their last signal.

The moves of a training are written out as they were when this migration was made.
"""

from django.db import migrations

TABLES = ("agents_agentevent", "agents_evaluation", "agents_seedweights")
ONLY_ADDED = """
CREATE FUNCTION agents_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "\n".join(
    f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION agents_only_added();"
    for table in TABLES
)
MOVES = """
CREATE FUNCTION agents_training_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND NOT (
             (OLD.status = 'queued' AND NEW.status IN ('running', 'cancelled', 'failed'))
            OR (OLD.status = 'running' AND NEW.status IN ('done', 'failed', 'cancelled', 'interrupted'))
    ) THEN
        RAISE EXCEPTION 'a training cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agents_training_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agents_training_moves BEFORE UPDATE OF status ON agents_trainingrun
    FOR EACH ROW EXECUTE FUNCTION agents_training_moves();
"""
LAST_SIGNALS = """
UPDATE agents_agent SET last_signal_at = newest.at
FROM (SELECT agent_id, max(bar_close_at) AS at FROM agents_signal GROUP BY agent_id) AS newest
WHERE newest.agent_id = agents_agent.id;
"""
UNDO = "DROP FUNCTION agents_only_added, agents_training_moves CASCADE"


class Migration(migrations.Migration):
    dependencies = [("agents", "0002_learned_agents")]
    operations = [
        migrations.RunSQL([ONLY_ADDED, MOVES], UNDO),
        migrations.RunSQL(LAST_SIGNALS, migrations.RunSQL.noop),
    ]
