"""The same room, counted by sets: one statement moves all of the desk's figures instead of one each.

What the functions take and mean is as `0007_permit` says. `portfolio_draw` goes figure by figure only where one
did not move: its row is not there yet, an allowance is drawn ahead, or its cap has no room.
"""

from django.db import migrations

TAKE_ROOM = """
CREATE OR REPLACE FUNCTION portfolio_take_room(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_own bigint := (p->>'account_id')::bigint;
    v_ahead boolean := (p->>'allowances')::boolean;
    v_held jsonb;
    v_wanted jsonb;
BEGIN
    IF p ? 'source' THEN
        INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
            VALUES (p->'source'->>'scope', v_own, p->'source'->'uses', '{}', clock_timestamp())
            ON CONFLICT (scope, account_id) DO UPDATE
            SET uses = EXCLUDED.uses, rebased_at = EXCLUDED.rebased_at;
    END IF;
    SELECT coalesce(jsonb_object_agg(f.name, f.after::text) FILTER (WHERE f.after > 0), '{}'),
            coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'change', (f.after - f.held)::text))
                FILTER (WHERE f.after <> f.held), '[]')
        INTO v_held, v_wanted
        FROM (SELECT g.name, g.held,
                CASE WHEN v_ahead AND g.uses > 0 THEN greatest(g.uses, g.held) ELSE g.uses END AS after
            FROM (SELECT coalesce(n.key, h.key) AS name, coalesce(n.value::numeric, 0) AS uses,
                    coalesce(h.value::numeric, 0) AS held
                FROM jsonb_each_text(p->'uses') n
                FULL JOIN jsonb_each_text(coalesce((SELECT s.held FROM portfolio_scopeshare s
                    WHERE s.scope = 'desk' AND s.account_id = v_own), '{}')) h ON h.key = n.key) g) f;
    INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
        VALUES ('desk', v_own, p->'uses', v_held, clock_timestamp())
        ON CONFLICT (scope, account_id) DO UPDATE
        SET uses = EXCLUDED.uses, held = EXCLUDED.held, rebased_at = EXCLUDED.rebased_at;
    IF v_ahead THEN
        PERFORM pg_advisory_xact_lock((p->'meets'->>'lock')::bigint);
    END IF;
    IF NOT v_ahead OR v_wanted <> '[]' OR p->'bound' <> '[]' THEN
        PERFORM pg_advisory_xact_lock((p->>'gate')::bigint);
    END IF;
    PERFORM portfolio_meets_nobody(p->'meets');
    PERFORM portfolio_draw(v_own, v_wanted, p->'caps', v_ahead);
    PERFORM portfolio_count_bound(p->'bound');
END $$;
"""

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
            SELECT 'desk', g.metric, g.key, coalesce(sum((s.held->>g.name)::numeric), 0), 0, g.hard,
                g.version, 0, clock_timestamp()
            FROM portfolio_scopeshare s WHERE s.scope = 'desk' AND s.account_id <> p_account
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

MOVE_DESK = """
CREATE OR REPLACE FUNCTION portfolio_move_desk(p_moves jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({gate});
    UPDATE portfolio_scopeuse u SET used = greatest(0, u.used + m.change), updated_at = clock_timestamp()
        FROM (SELECT split_part(w.name, '|', 1) AS metric, split_part(w.name, '|', 2) AS key, w.change
            FROM jsonb_to_recordset(p_moves) AS w(name text, change numeric) WHERE w.change <> 0) m
        WHERE u.scope = 'desk' AND u.metric = m.metric AND u.key = m.key;
END $$;
"""

FREE_ROOM = """
CREATE OR REPLACE FUNCTION portfolio_free_room(p_order bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    o record;
    s record;
    v_part numeric;
    v_uses jsonb;
    v_held jsonb;
    v_moves jsonb;
BEGIN
    UPDATE portfolio_reservation r SET quantity = 0, margin = 0, uses = '{}', updated_at = clock_timestamp()
        FROM portfolio_order q, portfolio_reservation before
        WHERE r.order_id = p_order AND before.id = r.id AND q.id = p_order
            AND (r.quantity > 0 OR r.uses <> '{}')
        RETURNING q.account_id, q.source, q.quantity, q.filled, before.uses INTO o;
    IF NOT FOUND OR o.uses = '{}' THEN
        RETURN;
    END IF;
    v_part := greatest(0, o.quantity - o.filled) / o.quantity;
    FOR s IN SELECT h.id, h.uses, h.held, CASE h.scope WHEN 'desk' THEN 'desk' ELSE 'source' END AS at
        FROM portfolio_scopeshare h
        WHERE h.account_id = o.account_id AND h.scope IN ('desk', 'source:' || o.source)
        ORDER BY h.scope DESC
    LOOP
        SELECT jsonb_object_agg(f.name, f.uses::text), jsonb_object_agg(f.name, f.held::text)
                FILTER (WHERE f.was IS NOT NULL), jsonb_agg(jsonb_build_object(
                    'name', f.name, 'change', (f.held - f.was)::text)) FILTER (WHERE f.was IS NOT NULL)
            INTO v_uses, v_held, v_moves
            FROM (SELECT g.name, g.was, greatest(0, coalesce((s.uses->>g.name)::numeric, 0) - g.amount) AS uses,
                    greatest(0, g.was - g.amount) AS held
                FROM (SELECT e.key AS name, (s.held->>e.key)::numeric AS was, e.value::numeric
                        * CASE split_part(e.key, '|', 1) WHEN 'open_orders' THEN 1 ELSE v_part END AS amount
                    FROM jsonb_each_text(coalesce(o.uses->s.at, '{}')) e) g) f;
        UPDATE portfolio_scopeshare h SET uses = h.uses || coalesce(v_uses, '{}'),
            held = h.held || coalesce(v_held, '{}') WHERE h.id = s.id;
        IF s.at = 'desk' THEN
            PERFORM portfolio_move_desk(coalesce(v_moves, '[]'));
        END IF;
    END LOOP;
END $$;
"""

GATE = "2139379385378418569"  # locks.key("desk-room"), as a test compares


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0010_venue_equity")]
    operations = [
        migrations.RunSQL(body.replace("{gate}", GATE), migrations.RunSQL.noop)
        for body in (TAKE_ROOM, DRAW, MOVE_DESK, FREE_ROOM)
    ]
