"""What one permit does to this app's tables: two calls of the database, and what every end of an order frees.

All functions are PL/pgSQL and VOLATILE, for READ COMMITTED: each statement inside has a snapshot of its own,
so what is loaded after a lock is newer than the lock. Exact numbers travel as text. None of them names a
table of another app.
"""

from django.db import migrations

LOCK = """
CREATE FUNCTION portfolio_lock(p_keys bigint[], p_shared boolean[], p_wait_ms integer)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    over_at timestamptz := clock_timestamp() + p_wait_ms * interval '1 millisecond';
    left_ms integer;
BEGIN
    FOR at IN 1 .. coalesce(cardinality(p_keys), 0) LOOP
        left_ms := extract(epoch FROM over_at - clock_timestamp()) * 1000;
        PERFORM set_config('lock_timeout', greatest(1, least(left_ms, p_wait_ms)) || 'ms', true);
        IF p_shared[at] THEN
            PERFORM pg_advisory_xact_lock_shared(p_keys[at]);
        ELSE
            PERFORM pg_advisory_xact_lock(p_keys[at]);
        END IF;
    END LOOP;
    PERFORM set_config('lock_timeout', '2s', true);  -- the patience of row locks that follow
END $$;
"""

BOOK = """
CREATE FUNCTION portfolio_book(p_account text) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found jsonb;
BEGIN
    SELECT jsonb_build_object(
        'id', a.id, 'slug', a.slug, 'currency', a.currency, 'cash', a.cash::text,
        'leverage', a.leverage::text, 'hedging', a.hedging, 'enabled', a.enabled,
        'entries_blocked', a.entries_blocked, 'owner', a.owner, 'venue', a.venue, 'pack', a.pack,
        'positions', (SELECT jsonb_agg(jsonb_build_array(
            p.source, p.instrument, p.quantity::text, p.average_price::text, p.realized::text
         ) ORDER BY p.instrument, p.source) FROM portfolio_position p WHERE p.account_id = a.id),
        'orders', (SELECT jsonb_agg(jsonb_build_array(
            o.client_order_id, o.source, o.instrument, o.side, o.order_type, o.reduce_only, o.status,
            o.is_entry, o.ticket, o.lease_boot_id, o.lease_boottime_ns, r.quantity::text, r.price::text,
            r.margin::text
         ) ORDER BY o.id) FROM portfolio_order o JOIN portfolio_reservation r ON r.order_id = o.id
         WHERE o.account_id = a.id AND o.status IN ({open}))
    ) INTO found FROM portfolio_account a WHERE a.slug = p_account;
    RETURN found;
END $$;
"""

# p: order_id, account, source, instrument, side, since (desk time), tickets (boolean).
LOCK_LOAD = """
CREATE FUNCTION portfolio_lock_load(p_keys bigint[], p_shared boolean[], p_wait_ms integer, p jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    book jsonb;
    own bigint;
    found jsonb;
BEGIN
    PERFORM portfolio_lock(p_keys, p_shared, p_wait_ms);
    book := portfolio_book(p->>'account');
    IF book IS NULL THEN
        RETURN NULL;
    END IF;
    own := (book->>'id')::bigint;
    SELECT jsonb_build_object(
        'book', book,
        'known', EXISTS (SELECT 1 FROM portfolio_order WHERE client_order_id = p->>'order_id'),
        'head', (SELECT jsonb_build_array(h.id, h.length, h.hash) FROM portfolio_audithead h
            WHERE h.chain = 'account:' || (p->>'account')),
        'desk', (SELECT jsonb_agg(jsonb_build_array(
            u.metric, u.key, u.used::text)) FROM portfolio_scopeuse u WHERE u.scope = 'desk'),
        'sigmas', (SELECT jsonb_object_agg(u.scope, u.used::text) FROM portfolio_scopeuse u
            WHERE u.scope IN ('desk', 'source:' || (p->>'source')) AND u.metric = 'sigma'),
        'share', (SELECT jsonb_build_array(s.uses, s.held) FROM portfolio_scopeshare s
            WHERE s.scope = 'desk' AND s.account_id = own),
        'own', (SELECT s.uses FROM portfolio_scopeshare s
            WHERE s.scope = 'source:' || (p->>'source') AND s.account_id = own),
        'others', (SELECT count(*) FROM portfolio_scopeshare s WHERE s.scope = 'desk' AND s.account_id <> own),
        'elsewhere', (SELECT jsonb_agg(s.uses) FROM portfolio_scopeshare s
            WHERE s.scope = 'source:' || (p->>'source') AND s.account_id <> own),
        'lately', (SELECT jsonb_agg(jsonb_build_array(
            o.client_order_id, a.slug, o.instrument, o.side, o.order_type, o.requested_quantity::text,
            o.price::text, o.is_entry, o.requested_at))
            FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
            WHERE o.source = p->>'source' AND o.requested_at > (p->>'since')::timestamptz
                AND o.instrument = p->>'instrument' AND o.side = p->>'side'
                AND o.client_order_id <> p->>'order_id'),
        'resting', (SELECT jsonb_agg(jsonb_build_array(
            o.id, o.client_order_id, a.slug, o.source, o.side, o.order_type, o.price::text))
            FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
            WHERE o.instrument = p->>'instrument' AND o.side <> p->>'side' AND o.status IN ({open})
                AND a.owner = book->>'owner' AND a.venue = book->>'venue'),
        'tickets', CASE WHEN book->>'pack' = 'us_retail' OR (book->>'hedging')::boolean THEN
            (SELECT jsonb_agg(jsonb_build_array(t.ticket, t.lots::text, t.opened_at) ORDER BY t.opened_at)
             FROM (SELECT f.venue_position_id AS ticket, min(f.executed_at) AS opened_at,
                    sum(CASE WHEN f.side = 'buy' THEN f.quantity ELSE -f.quantity END) AS lots
                   FROM portfolio_fill f WHERE f.account_id = own AND f.instrument = p->>'instrument'
                   GROUP BY f.venue_position_id) t WHERE t.lots <> 0) END
    ) INTO found;
    RETURN found;
END $$;
"""

# p_order: every column of the row but its id. p_room: what it reserves, null for what is denied. p_audit: the
# entry as it was hashed, with the head that it follows.
OPEN_ORDER = """
CREATE FUNCTION portfolio_open_order(p_order jsonb, p_room jsonb, p_event jsonb, p_audit jsonb)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    new_id bigint := nextval(pg_get_serial_sequence('portfolio_order', 'id'));
    born timestamptz := (p_order->>'created_at')::timestamptz;
BEGIN
    INSERT INTO portfolio_order SELECT r.* FROM jsonb_populate_record(
        NULL::portfolio_order, p_order || jsonb_build_object('id', new_id)) r;
    IF p_room IS NOT NULL AND p_room <> 'null' THEN
        INSERT INTO portfolio_reservation (order_id, quantity, price, margin, uses, updated_at) VALUES (
            new_id, (p_order->>'quantity')::numeric, (p_room->>'price')::numeric,
            (p_room->>'margin')::numeric, p_room->'uses', born);
        PERFORM pg_notify(p_room->>'channel', p_order->>'client_order_id');
    END IF;
    INSERT INTO portfolio_orderevent (order_id, kind, old_status, new_status, detail, created_at)
        VALUES (new_id, p_order->>'status', '', p_order->>'status', p_event, born);
    PERFORM portfolio_append(p_audit);
    RETURN new_id;
END $$;
"""

APPEND = """
CREATE FUNCTION portfolio_append(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    place bigint := (p->>'sequence')::bigint;
BEGIN
    IF place = 1 THEN
        INSERT INTO portfolio_audithead (chain, length, hash) VALUES (p->>'chain', 0, '')
            ON CONFLICT (chain) DO NOTHING;
    END IF;
    UPDATE portfolio_audithead SET length = place, hash = p->>'hash'
        WHERE chain = p->>'chain' AND length = place - 1 AND hash = p->>'prev_hash';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the chain % has moved on', p->>'chain' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO portfolio_auditentry
        (chain, sequence, kind, subject, payload, written_at, prev_hash, hash) VALUES (
        p->>'chain', place, p->>'kind', p->>'subject', p->'payload', (p->>'written_at')::timestamptz,
        p->>'prev_hash', p->>'hash');
END $$;
"""

# The desk's rows are the last thing that a transaction takes, behind one gate, so that nobody waits in a circle.
# Up to ten accounts an account holds of the desk exactly what it uses; among more it draws a part ahead, and as
# long as that lasts it need not come to the gate. p: account_id, uses (all figures of the account with the
# order), source (scope, uses), caps (of the figures that the order adds to), bound, allowances, gate, meets.
TAKE_ROOM = """
CREATE FUNCTION portfolio_take_room(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_own bigint := (p->>'account_id')::bigint;
    v_ahead boolean := (p->>'allowances')::boolean;
    v_held jsonb := '{}';
    v_wanted jsonb := '[]';
    f record;
    v_new numeric;
BEGIN
    IF p ? 'source' THEN
        INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
            VALUES (p->'source'->>'scope', v_own, p->'source'->'uses', '{}', clock_timestamp())
            ON CONFLICT (scope, account_id) DO UPDATE
            SET uses = EXCLUDED.uses, rebased_at = EXCLUDED.rebased_at;
    END IF;
    FOR f IN
        SELECT coalesce(n.key, h.key) AS name, coalesce(n.value::numeric, 0) AS uses,
            coalesce(h.value::numeric, 0) AS held
        FROM jsonb_each_text(p->'uses') n
        FULL JOIN jsonb_each_text(coalesce((SELECT s.held FROM portfolio_scopeshare s
            WHERE s.scope = 'desk' AND s.account_id = v_own), '{}')) h ON h.key = n.key
    LOOP
        v_new := CASE WHEN v_ahead AND f.uses > 0 THEN greatest(f.uses, f.held) ELSE f.uses END;
        IF v_new > 0 THEN
            v_held := v_held || jsonb_build_object(f.name, v_new::text);
        END IF;
        IF v_new <> f.held THEN
            v_wanted := v_wanted || jsonb_build_object('name', f.name, 'change', (v_new - f.held)::text);
        END IF;
    END LOOP;
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

# An order on the other side that came while this one was judged: it has to be judged again.
MEETS_NOBODY = """
CREATE FUNCTION portfolio_meets_nobody(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
        WHERE o.instrument = p->>'instrument' AND o.side <> p->>'side' AND o.status IN ({open})
            AND o.id > (p->>'seen')::bigint AND a.owner = p->>'owner' AND a.venue = p->>'venue')
    THEN
        RAISE EXCEPTION 'an order on the other side has come in between'
            USING ERRCODE = 'lock_not_available';
    END IF;
END $$;
"""

DRAW = """
CREATE FUNCTION portfolio_draw(p_account bigint, p_wanted jsonb, p_caps jsonb, p_ahead boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    g record;
    v_more numeric;
BEGIN
    FOR g IN
        SELECT w.name, w.change, c.hard, c.version, c.rule, split_part(w.name, '|', 1) AS metric,
            split_part(w.name, '|', 2) AS key
        FROM jsonb_to_recordset(p_wanted) AS w(name text, change numeric)
        LEFT JOIN jsonb_to_recordset(p_caps) AS c(name text, hard numeric, version integer, rule text)
            ON c.name = w.name
        ORDER BY w.name
    LOOP
        IF g.hard IS NULL THEN
            UPDATE portfolio_scopeuse u SET used = greatest(0, u.used + g.change), updated_at = clock_timestamp()
                WHERE u.scope = 'desk' AND u.metric = g.metric AND u.key = g.key;
            CONTINUE;
        END IF;
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

# Figures that a snapshot measures are not netted until the next one: each order adds what it is alone.
COUNT_BOUND = """
CREATE FUNCTION portfolio_count_bound(p_bound jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    g record;
BEGIN
    FOR g IN SELECT * FROM jsonb_to_recordset(p_bound)
        AS c(scope text, metric text, amount numeric, hard numeric, version integer, rule text)
        ORDER BY c.scope DESC, c.metric
    LOOP
        INSERT INTO portfolio_scopeuse
            (scope, metric, key, used, pending, limit_version, number, updated_at)
            SELECT g.scope, g.metric, '', 0, 0, 0, coalesce(max(u.number), 0), clock_timestamp()
            FROM portfolio_scopeuse u WHERE u.scope = 'desk' AND u.metric = g.metric
            ON CONFLICT (scope, metric, key) DO NOTHING;
        UPDATE portfolio_scopeuse u SET used = u.used + g.amount, pending = u.pending + g.amount,
                hard = g.hard, limit_version = coalesce(g.version, 0), updated_at = clock_timestamp()
            WHERE u.scope = g.scope AND u.metric = g.metric AND u.key = ''
                AND (g.hard IS NULL OR u.used + g.amount <= g.hard);
        IF NOT FOUND THEN
            PERFORM portfolio_miss(g.metric, g.amount, g.hard, g.rule);
        END IF;
    END LOOP;
END $$;
"""

# A guard that missed: MTQ01, with what was missing as its detail.
MISS = """
CREATE FUNCTION portfolio_miss(p_name text, p_by numeric, p_hard numeric, p_rule text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_used numeric;
BEGIN
    SELECT u.used INTO v_used FROM portfolio_scopeuse u WHERE u.scope = 'desk'
        AND u.metric = split_part(p_name, '|', 1) AND u.key = split_part(p_name, '|', 2);
    RAISE EXCEPTION 'the desk has no room for %', p_name USING ERRCODE = 'MTQ01', DETAIL =
        jsonb_build_object('name', p_name, 'value', (coalesce(v_used, 0) + p_by)::text,
            'limit', p_hard::text, 'rule', p_rule)::text;
END $$;
"""

# What is open of an ended order goes back to whom it was taken from; what was filled is a position's now.
FREE_ROOM = """
CREATE FUNCTION portfolio_free_room(p_order bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    o record;
    s record;
    f record;
    v_part numeric;
    v_uses jsonb;
    v_held jsonb;
    v_left numeric;
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
        v_uses := s.uses;
        v_held := s.held;
        v_moves := '[]';
        FOR f IN SELECT e.key AS name,
                e.value::numeric * CASE split_part(e.key, '|', 1) WHEN 'open_orders' THEN 1 ELSE v_part END
                AS amount
            FROM jsonb_each_text(coalesce(o.uses->s.at, '{}')) e
        LOOP
            v_uses := v_uses || jsonb_build_object(
                f.name, greatest(0, coalesce((v_uses->>f.name)::numeric, 0) - f.amount)::text);
            IF s.at = 'desk' AND v_held ? f.name THEN
                v_left := greatest(0, (v_held->>f.name)::numeric - f.amount);
                v_moves := v_moves || jsonb_build_object(
                    'name', f.name, 'change', (v_left - (v_held->>f.name)::numeric)::text);
                v_held := v_held || jsonb_build_object(f.name, v_left::text);
            END IF;
        END LOOP;
        UPDATE portfolio_scopeshare h SET uses = v_uses, held = v_held WHERE h.id = s.id;
        IF s.at = 'desk' THEN
            PERFORM portfolio_move_desk(v_moves);
        END IF;
    END LOOP;
END $$;
"""

MOVE_DESK = """
CREATE FUNCTION portfolio_move_desk(p_moves jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    m record;
BEGIN
    PERFORM pg_advisory_xact_lock({gate});
    FOR m IN SELECT * FROM jsonb_to_recordset(p_moves) AS w(name text, change numeric)
        WHERE w.change <> 0 ORDER BY w.name
    LOOP
        UPDATE portfolio_scopeuse u SET used = greatest(0, u.used + m.change), updated_at = clock_timestamp()
            WHERE u.scope = 'desk' AND u.metric = split_part(m.name, '|', 1)
                AND u.key = split_part(m.name, '|', 2);
    END LOOP;
END $$;
"""

# The figures of an account as they are now, without an order: nothing can be refused here.
REBASE = """
CREATE FUNCTION portfolio_rebase(p_account bigint, p_uses jsonb, p_sources jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    f record;
    v_moves jsonb := '[]';
BEGIN
    FOR f IN SELECT e.key AS scope, e.value AS uses FROM jsonb_each(p_sources) e LOOP
        INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
            VALUES (f.scope, p_account, f.uses, '{}', clock_timestamp())
            ON CONFLICT (scope, account_id) DO UPDATE
            SET uses = EXCLUDED.uses, rebased_at = EXCLUDED.rebased_at;
    END LOOP;
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', coalesce(n.key, h.key), 'change',
            (coalesce(n.value::numeric, 0) - coalesce(h.value::numeric, 0))::text)), '[]')
        INTO v_moves
        FROM jsonb_each_text(p_uses) n
        FULL JOIN jsonb_each_text(coalesce((SELECT s.held FROM portfolio_scopeshare s
            WHERE s.scope = 'desk' AND s.account_id = p_account), '{}')) h ON h.key = n.key;
    INSERT INTO portfolio_scopeshare (scope, account_id, uses, held, rebased_at)
        VALUES ('desk', p_account, p_uses, p_uses, clock_timestamp())
        ON CONFLICT (scope, account_id) DO UPDATE
        SET uses = EXCLUDED.uses, held = EXCLUDED.held, rebased_at = EXCLUDED.rebased_at;
    PERFORM portfolio_move_desk(v_moves);
END $$;
"""

# The desk's rows as the sum of what accounts hold, whatever became of them in between.
SUM_DESK = """
CREATE FUNCTION portfolio_sum_desk(p_bound text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({gate});
    UPDATE portfolio_scopeuse u SET used = coalesce((
            SELECT sum((s.held->>CASE u.key WHEN '' THEN u.metric ELSE u.metric || '|' || u.key END)::numeric)
            FROM portfolio_scopeshare s WHERE s.scope = 'desk'), 0)
        WHERE u.scope = 'desk' AND u.metric <> ALL (p_bound);
    DELETE FROM portfolio_scopeuse u WHERE u.scope = 'desk' AND u.metric LIKE '%@%' AND u.used = 0
        AND u.updated_at < clock_timestamp() - interval '7 days';
END $$;
"""

# The limit once more, at the end of the transaction, whoever wrote the reservation and by whatever way.
ROOM_TRIGGER = """
CREATE FUNCTION portfolio_reservation_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_over text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM portfolio_order o WHERE o.id = NEW.order_id AND o.is_entry
            AND o.source <> 'external') THEN
        RETURN NULL;
    END IF;
    SELECT u.metric || ' ' || u.key INTO v_over FROM portfolio_scopeuse u
        WHERE u.scope = 'desk' AND u.hard IS NOT NULL AND u.used > u.hard
            AND coalesce(NEW.uses->'desk', '{}')
                ? CASE u.key WHEN '' THEN u.metric ELSE u.metric || '|' || u.key END
        LIMIT 1;
    IF NOT FOUND AND NOT (NEW.uses ? 'desk') THEN
        SELECT u.metric INTO v_over FROM portfolio_scopeuse u
            WHERE u.scope = 'desk' AND u.hard IS NOT NULL LIMIT 1;
    END IF;
    IF v_over IS NOT NULL THEN
        RAISE EXCEPTION 'the desk has no room left: %', v_over
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_reservation_room';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER portfolio_reservation_room AFTER INSERT ON portfolio_reservation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portfolio_reservation_room();
"""

OPEN = "'accepted', 'approved', 'cancel_pending', 'partially_filled', 'replace_pending', 'sending', 'unknown'"
GATE = "2139379385378418569"  # locks.key("desk-room"), as a test compares
FUNCTIONS = {
    "portfolio_lock": LOCK,
    "portfolio_book": BOOK,
    "portfolio_lock_load": LOCK_LOAD,
    "portfolio_append": APPEND,
    "portfolio_open_order": OPEN_ORDER,
    "portfolio_miss": MISS,
    "portfolio_move_desk": MOVE_DESK,
    "portfolio_meets_nobody": MEETS_NOBODY,
    "portfolio_draw": DRAW,
    "portfolio_count_bound": COUNT_BOUND,
    "portfolio_take_room": TAKE_ROOM,
    "portfolio_free_room": FREE_ROOM,
    "portfolio_rebase": REBASE,
    "portfolio_sum_desk": SUM_DESK,
    "portfolio_reservation_room": ROOM_TRIGGER,
}


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_amendments")]
    operations = [
        migrations.RunSQL(
            body.replace("{open}", OPEN).replace("{gate}", GATE), f"DROP FUNCTION {name} CASCADE"
        )
        for name, body in FUNCTIONS.items()
    ]
