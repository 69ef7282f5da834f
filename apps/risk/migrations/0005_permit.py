"""What one permit reads and writes: two calls of the database around a decision that is made in Python.

Both are PL/pgSQL and VOLATILE, for READ COMMITTED: what is loaded after the locks is a later statement, with a
later snapshot. They call the functions of the app below and name none of its tables.
"""

from django.db import migrations

# p: what portfolio_lock_load wants, and scopes (breakers), limit_scopes, currencies.
LOCK_LOAD = """
CREATE FUNCTION risk_lock_load(p_keys bigint[], p_shared boolean[], p_wait_ms integer, p jsonb)
RETURNS TABLE (held jsonb, standings jsonb, limits jsonb, allowed jsonb, gauges jsonb, buckets jsonb)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    held := portfolio_lock_load(p_keys, p_shared, p_wait_ms, p);
    SELECT jsonb_agg(jsonb_build_array(s.scope, s.level, s.epoch, s.day_start::text)) INTO standings
        FROM risk_breakerstate s WHERE p->'scopes' ? s.scope;
    SELECT jsonb_agg(jsonb_build_array(
            l.scope, l.metric, l.instrument, l.currency, l.soft::text, l.hard::text, l.unit, l.loss_base,
            l.version) ORDER BY l.scope, l.metric, l.instrument, l.currency) INTO limits
        FROM risk_risklimit l
        WHERE l.ended_at IS NULL AND l.effective_from <= clock_timestamp()
            AND (p->'limit_scopes' ? l.scope OR right(l.scope, 1) = '*')
            AND l.instrument IN ('', p->>'instrument')
            AND (l.currency = '' OR p->'currencies' ? l.currency);
    SELECT jsonb_build_object(
        'permitted', (SELECT jsonb_agg(jsonb_build_array(i.source, i.instrument) ORDER BY i.id)
            FROM risk_instrumentpermission i WHERE i.ended_at IS NULL
                AND i.effective_from <= clock_timestamp()),
        'restricted', (SELECT jsonb_agg(r.instrument ORDER BY r.instrument)
            FROM risk_restrictedinstrument r WHERE r.ended_at IS NULL),
        'classes', CASE WHEN held->'book'->>'pack' <> 'professional' THEN
            (SELECT jsonb_object_agg(c.instrument, c.kind) FROM risk_instrumentclass c
                WHERE c.ended_at IS NULL) END,
        'overrides', (SELECT jsonb_agg(jsonb_build_array(o.id, o.payload->>'check', o.payload->>'order_hash',
                o.payload->>'wider', o.expires_at) ORDER BY o.id)
            FROM risk_changerequest o WHERE o.kind = 'override' AND o.state = 'approved' AND o.used_by = ''
                AND o.expires_at > clock_timestamp() AND o.payload->>'account' = p->>'account'
                AND o.payload->>'source' = p->>'source')
        ) INTO allowed;
    SELECT jsonb_object_agg(g.scope, jsonb_build_array(g.number, g.measured_at, g.equity::text,
            g.day_loss::text, g.sigma::text, g.var::text, g.es::text)) INTO gauges
        FROM risk_riskgauge g WHERE p->'limit_scopes' ? g.scope;
    SELECT jsonb_agg(jsonb_build_array(b.scope, b.tokens::text, b.filled_at)) INTO buckets
        FROM risk_messagebucket b WHERE p->'limit_scopes' ? b.scope;
    RETURN NEXT;
END $$;
"""

# The order with its reservation, event and audit entry, its room, the review, and the tokens that it drew. A
# guard that misses undoes the order and its room and is answered by name: the caller then stores the denial.
PUT = """
CREATE FUNCTION risk_put(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_review bigint := nextval(pg_get_serial_sequence('risk_riskreview', 'id'));
    v_miss text;
    v_used integer;
BEGIN
    BEGIN
        PERFORM portfolio_open_order(
            p->'order' || jsonb_build_object('review_id', v_review), p->'room', p->'event', p->'audit');
        IF p->'take' <> 'null' THEN
            PERFORM portfolio_take_room(p->'take');
        END IF;
    EXCEPTION WHEN SQLSTATE 'MTQ01' THEN
        GET STACKED DIAGNOSTICS v_miss = PG_EXCEPTION_DETAIL;
        RETURN jsonb_build_object('miss', v_miss::jsonb);
    END;
    INSERT INTO risk_riskreview SELECT r.* FROM jsonb_populate_record(
        NULL::risk_riskreview, p->'review' || jsonb_build_object('id', v_review)) r;
    UPDATE risk_changerequest o SET used_by = p->'order'->>'client_order_id'
        WHERE p->'overrides' @> to_jsonb(o.id) AND o.used_by = '' AND o.expires_at > clock_timestamp();
    GET DIAGNOSTICS v_used = ROW_COUNT;
    IF v_used <> jsonb_array_length(p->'overrides') THEN
        RAISE EXCEPTION 'an override has ended meanwhile' USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO risk_messagebucket (scope, tokens, filled_at)
        SELECT b.scope, b.tokens, b.filled_at
        FROM jsonb_to_recordset(p->'buckets') AS b(scope text, tokens numeric, filled_at timestamptz)
        ON CONFLICT (scope) DO UPDATE SET tokens = EXCLUDED.tokens, filled_at = EXCLUDED.filled_at;
    RETURN jsonb_build_object('review', v_review);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("risk", "0005_changes"), ("portfolio", "0007_permit")]
    operations = [
        migrations.RunSQL(LOCK_LOAD, "DROP FUNCTION risk_lock_load"),
        migrations.RunSQL(PUT, "DROP FUNCTION risk_put"),
    ]
