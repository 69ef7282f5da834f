"""At what price each ticket was opened: where tickets face each other, netting would lose what they have won."""

from django.db import migrations, models

# What reduces a ticket leaves its price; what turns it round opens it anew.
KEEP = """
CREATE OR REPLACE FUNCTION portfolio_ticket_of_fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portfolio_ticket AS t (account_id, instrument, ticket, lots, price, opened_at) VALUES (
        NEW.account_id, NEW.instrument, NEW.venue_position_id,
        CASE WHEN NEW.side = 'buy' THEN NEW.quantity ELSE -NEW.quantity END, NEW.price, NEW.executed_at)
        ON CONFLICT (account_id, instrument, ticket) DO UPDATE
        SET lots = t.lots + EXCLUDED.lots,
            price = CASE
                WHEN t.lots * EXCLUDED.lots > 0 THEN
                    (t.lots * t.price + EXCLUDED.lots * EXCLUDED.price) / (t.lots + EXCLUDED.lots)
                WHEN abs(EXCLUDED.lots) > abs(t.lots) THEN EXCLUDED.price
                ELSE t.price END,
            opened_at = least(t.opened_at, EXCLUDED.opened_at);
    DELETE FROM portfolio_ticket t WHERE t.account_id = NEW.account_id AND t.instrument = NEW.instrument
        AND t.ticket = NEW.venue_position_id AND t.lots = 0;
    RETURN NULL;
END $$;
UPDATE portfolio_ticket t SET price = f.price FROM (
    SELECT account_id, instrument, venue_position_id, side, sum(quantity * price) / sum(quantity) AS price
    FROM portfolio_fill GROUP BY 1, 2, 3, 4) f
    WHERE f.account_id = t.account_id AND f.instrument = t.instrument AND f.venue_position_id = t.ticket
        AND f.side = CASE WHEN t.lots > 0 THEN 'buy' ELSE 'sell' END;
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
        'tickets', CASE WHEN a.hedging THEN (SELECT jsonb_agg(jsonb_build_array(
            t.instrument, t.lots::text, t.price::text) ORDER BY t.opened_at, t.id)
         FROM portfolio_ticket t WHERE t.account_id = a.id) END,
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

OPEN = "'accepted', 'approved', 'cancel_pending', 'partially_filled', 'replace_pending', 'sending', 'unknown'"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0013_seen")]
    operations = [
        migrations.AddField(
            model_name="ticket",
            name="price",
            field=models.DecimalField(decimal_places=10, default=0, max_digits=28),
            preserve_default=False,
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RunSQL(BOOK.replace("{open}", OPEN), migrations.RunSQL.noop),
    ]
