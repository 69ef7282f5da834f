"""What a permit has seen of orders that it could meet, told one by one.

Numbers of orders are given out before their transactions are committed: a newer one may be seen before an
older one. So the second look, at the gate, asks for orders that were not seen at all, or not with these
terms. A change that is with the venue may come true: its price counts beside the one in force. The book says
what equity the venue told, and tickets of all instruments come along: those that face each other count in the
account's figures.
"""

from django.db import migrations

SEEN = """
CREATE FUNCTION portfolio_seen(p_id bigint, p_revision integer, p_amendment jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN p_id || ':' || p_revision || ':' || coalesce(p_amendment->>'price', '');
END $$;
"""

BOOK = """
CREATE OR REPLACE FUNCTION portfolio_book(p_account text) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found jsonb;
BEGIN
    SELECT jsonb_build_object(
        'id', a.id, 'slug', a.slug, 'currency', a.currency, 'cash', a.cash::text,
        'leverage', a.leverage::text, 'hedging', a.hedging, 'enabled', a.enabled,
        'entries_blocked', a.entries_blocked, 'owner', a.owner, 'venue', a.venue, 'pack', a.pack,
        'venue_equity', a.venue_equity::text,
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

LOCK_LOAD = """
CREATE OR REPLACE FUNCTION portfolio_lock_load(p_keys bigint[], p_shared boolean[], p_wait_ms integer, p jsonb)
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
            portfolio_seen(o.id, o.revision, o.amendment), o.client_order_id, a.slug, o.source, o.side,
            o.order_type, o.price::text, o.amendment->>'price'))
            FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
            WHERE o.instrument = p->>'instrument' AND o.side <> p->>'side' AND o.status IN ({open})
                AND a.owner = book->>'owner' AND a.venue = book->>'venue'),
        'tickets', CASE WHEN book->>'pack' = 'us_retail' OR (book->>'hedging')::boolean THEN
            (SELECT jsonb_agg(jsonb_build_array(t.instrument, t.ticket, t.lots::text, t.opened_at)
                ORDER BY t.opened_at)
             FROM portfolio_ticket t WHERE t.account_id = own) END
    ) INTO found;
    RETURN found;
END $$;
"""

# An order on the other side that came or changed while this one was judged: it has to be judged again.
MEETS_NOBODY = """
CREATE OR REPLACE FUNCTION portfolio_meets_nobody(p jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
        WHERE o.instrument = p->>'instrument' AND o.side <> p->>'side' AND o.status IN ({open})
            AND a.owner = p->>'owner' AND a.venue = p->>'venue'
            AND NOT p->'seen' ? portfolio_seen(o.id, o.revision, o.amendment))
    THEN
        RAISE EXCEPTION 'an order on the other side has come in between'
            USING ERRCODE = 'lock_not_available';
    END IF;
END $$;
"""

OPEN = "'accepted', 'approved', 'cancel_pending', 'partially_filled', 'replace_pending', 'sending', 'unknown'"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0012_tickets")]
    operations = [
        migrations.RunSQL(SEEN, "DROP FUNCTION portfolio_seen"),
        *(
            migrations.RunSQL(body.replace("{open}", OPEN), migrations.RunSQL.noop)
            for body in (BOOK, LOCK_LOAD, MEETS_NOBODY)
        ),
    ]
