"""An exit is never held to a limit, and yet it counts: beside an open entry it may leave more than nothing.

A short of 1.5 lots with an entry to buy 1 and an exit to buy 1 is long half a lot if both fill.
"""

from django.db import migrations

# Figures of the account with its new exit: what stands there rises to them, what it holds of the desk as well.
# It falls again when the figures are brought to what is (five seconds at most). p: account_id, rises by scope.
RISE = """
CREATE FUNCTION portfolio_rise(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_own bigint := (p->>'account_id')::bigint;
    s record;
    v_stands jsonb;
    v_held jsonb;
    v_moves jsonb;
BEGIN
    FOR s IN SELECT e.key AS scope, e.value AS rises FROM jsonb_each(p->'rises') e ORDER BY e.key DESC LOOP
        INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
            VALUES (s.scope, v_own, '{}', '{}', clock_timestamp()) ON CONFLICT (scope, account_id) DO NOTHING;
        SELECT h.uses, h.held INTO v_stands, v_held FROM portfolio_scopeshare h
            WHERE h.scope = s.scope AND h.account_id = v_own;
        SELECT v_stands || coalesce(jsonb_object_agg(r.key,
                    greatest(r.value::numeric, coalesce((v_stands->>r.key)::numeric, 0))::text), '{}'),
                coalesce(jsonb_object_agg(r.key, r.value) FILTER (
                    WHERE r.value::numeric > coalesce((v_held->>r.key)::numeric, 0)), '{}'),
                coalesce(jsonb_agg(jsonb_build_object('name', r.key, 'change',
                    (r.value::numeric - coalesce((v_held->>r.key)::numeric, 0))::text)) FILTER (
                    WHERE r.value::numeric > coalesce((v_held->>r.key)::numeric, 0)), '[]')
            INTO v_stands, v_held, v_moves FROM jsonb_each_text(s.rises) r;
        UPDATE portfolio_scopeshare h SET uses = v_stands,
                held = CASE h.scope WHEN 'desk' THEN h.held || v_held ELSE h.held END
            WHERE h.scope = s.scope AND h.account_id = v_own;
        IF s.scope = 'desk' AND v_moves <> '[]' THEN
            PERFORM portfolio_move_desk(v_moves);
        END IF;
    END LOOP;
END $$;
"""

# As in 0011, but a figure's row is born with what this account held of it before, too: its share is written by
# then, with the change in it.
DRAW = """
CREATE OR REPLACE FUNCTION portfolio_draw(p_account bigint, p_wanted jsonb, p_caps jsonb, p_ahead boolean)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_left jsonb;
    g record;
    v_more numeric;
BEGIN
    WITH wanted AS (
        SELECT w.name, w.change, c.hard, c.version, c.rule, split_part(w.name, '|', 1) AS metric,
            split_part(w.name, '|', 2) AS key
        FROM jsonb_to_recordset(p_wanted) AS w(name text, change numeric)
        LEFT JOIN jsonb_to_recordset(p_caps) AS c(name text, hard numeric, version integer, rule text)
            ON c.name = w.name
    ), moved AS (
        UPDATE portfolio_scopeuse u SET
                used = CASE WHEN w.hard IS NULL THEN greatest(0, u.used + w.change) ELSE u.used + w.change END,
                hard = coalesce(w.hard, u.hard), limit_version = coalesce(w.version, u.limit_version),
                updated_at = clock_timestamp()
            FROM wanted w
            WHERE u.scope = 'desk' AND u.metric = w.metric AND u.key = w.key
                AND (w.hard IS NULL OR (NOT p_ahead AND u.used + w.change <= w.hard))
            RETURNING w.name
    )
    SELECT jsonb_agg(to_jsonb(w) ORDER BY w.name) INTO v_left FROM wanted w
        WHERE w.hard IS NOT NULL AND w.name NOT IN (SELECT m.name FROM moved m);
    FOR g IN SELECT * FROM jsonb_to_recordset(coalesce(v_left, '[]'))
        AS l(name text, change numeric, hard numeric, version integer, rule text, metric text, key text)
    LOOP
        INSERT INTO portfolio_scopeuse
            (scope, metric, key, used, pending, hard, limit_version, number, updated_at)
            SELECT 'desk', g.metric, g.key, coalesce(sum((s.held->>g.name)::numeric), 0) - g.change, 0, g.hard,
                g.version, 0, clock_timestamp()
            FROM portfolio_scopeshare s WHERE s.scope = 'desk'
            HAVING NOT EXISTS (SELECT 1 FROM portfolio_scopeuse u
                WHERE u.scope = 'desk' AND u.metric = g.metric AND u.key = g.key)
            ON CONFLICT (scope, metric, key) DO NOTHING;
        v_more := CASE WHEN p_ahead AND g.change > 0 AND g.metric <> 'open_orders' THEN g.hard / 64 ELSE 0 END;
        UPDATE portfolio_scopeuse u SET used = u.used + g.change + v_more, hard = g.hard,
                limit_version = g.version, updated_at = clock_timestamp()
            WHERE u.scope = 'desk' AND u.metric = g.metric AND u.key = g.key
                AND v_more > 0 AND u.used + g.change + v_more <= g.hard;
        IF FOUND THEN
            UPDATE portfolio_scopeshare s SET held = s.held || jsonb_build_object(
                g.name, ((s.held->>g.name)::numeric + v_more)::text)
                WHERE s.scope = 'desk' AND s.account_id = p_account;
            CONTINUE;
        END IF;
        UPDATE portfolio_scopeuse u SET used = u.used + g.change, hard = g.hard, limit_version = g.version,
                updated_at = clock_timestamp()
            WHERE u.scope = 'desk' AND u.metric = g.metric AND u.key = g.key AND u.used + g.change <= g.hard;
        IF NOT FOUND THEN
            PERFORM portfolio_miss(g.name, g.change, g.hard, g.rule);
        END IF;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0014_ticket_prices")]
    operations = [
        migrations.RunSQL(RISE, "DROP FUNCTION portfolio_rise"),
        migrations.RunSQL(DRAW, migrations.RunSQL.noop),
    ]
