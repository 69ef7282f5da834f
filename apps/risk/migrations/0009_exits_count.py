"""An exit's figures are counted in the statement that writes it; see the portfolio's migration of this name."""

from django.db import migrations

PUT = """
CREATE OR REPLACE FUNCTION risk_put(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
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
        ELSIF p->'rise' <> 'null' THEN
            PERFORM portfolio_rise(p->'rise');
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
    dependencies = [("risk", "0008_in_force"), ("portfolio", "0015_exits_count")]
    operations = [migrations.RunSQL(PUT, migrations.RunSQL.noop)]
