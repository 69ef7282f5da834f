"""The database refuses what the ledger must never do, whoever asks: also raw SQL and the shell.

The table of moves is written out here as it was when this migration was made; a test compares it with the
domain's. A change of that table needs a new migration.
"""

from django.db import migrations

ORDER_MOVES = """
CREATE FUNCTION portfolio_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (
             (OLD.status = 'approved' AND NEW.status IN ('cancelled', 'expired', 'sending'))
            OR (OLD.status = 'sending' AND NEW.status IN ('accepted', 'approved', 'cancelled', 'expired', 'filled', 'partially_filled', 'rejected', 'unknown'))
            OR (OLD.status = 'unknown' AND NEW.status IN ('absent', 'accepted', 'cancelled', 'expired', 'filled', 'partially_filled', 'rejected'))
            OR (OLD.status = 'accepted' AND NEW.status IN ('cancel_pending', 'cancelled', 'expired', 'filled', 'partially_filled', 'rejected', 'replace_pending'))
            OR (OLD.status = 'partially_filled' AND NEW.status IN ('cancel_pending', 'cancelled', 'expired', 'filled', 'partially_filled', 'rejected', 'replace_pending'))
            OR (OLD.status = 'cancel_pending' AND NEW.status IN ('accepted', 'cancelled', 'expired', 'filled', 'partially_filled'))
            OR (OLD.status = 'replace_pending' AND NEW.status IN ('accepted', 'cancelled', 'expired', 'filled', 'partially_filled'))
    ) THEN
        RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portfolio_order_moves BEFORE UPDATE OF status ON portfolio_order
    FOR EACH ROW EXECUTE FUNCTION portfolio_order_moves();
"""

ORDER_BIRTH = """
CREATE FUNCTION portfolio_order_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('approved', 'denied') AND NEW.source <> 'external' THEN
        RAISE EXCEPTION 'an order is born approved or denied, not %', NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_birth';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portfolio_order_birth BEFORE INSERT ON portfolio_order
    FOR EACH ROW EXECUTE FUNCTION portfolio_order_birth();
"""

# What an order is never changes: who wanted it, what it asks for, and the names it carries.
ORDER_IDENTITY = """
CREATE FUNCTION portfolio_order_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.client_order_id, NEW.number, NEW.account_id, NEW.source, NEW.signal_key, NEW.leg,
        NEW.instrument, NEW.side, NEW.order_type, NEW.reduce_only, NEW.is_entry)
        IS DISTINCT FROM
       (OLD.client_order_id, OLD.number, OLD.account_id, OLD.source, OLD.signal_key, OLD.leg,
        OLD.instrument, OLD.side, OLD.order_type, OLD.reduce_only, OLD.is_entry)
        OR (NEW.quantity <> OLD.quantity AND NEW.source <> 'external')
    THEN
        RAISE EXCEPTION 'order % cannot become another one', OLD.client_order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_identity';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portfolio_order_identity BEFORE UPDATE ON portfolio_order
    FOR EACH ROW EXECUTE FUNCTION portfolio_order_identity();
"""

APPEND_ONLY = """
CREATE FUNCTION portfolio_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: its rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_append_only';
END $$;
"""
ADDED_ONLY = ("portfolio_orderevent", "portfolio_fill", "portfolio_cashflow", "portfolio_auditentry")


def refuse(table: str, what: str) -> str:
    return (
        f"CREATE TRIGGER portfolio_append_only BEFORE {what} ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION portfolio_append_only();"
    )


GUARDS = [
    ORDER_MOVES,
    ORDER_BIRTH,
    ORDER_IDENTITY,
    APPEND_ONLY,
    *(refuse(table, "UPDATE OR DELETE") for table in ADDED_ONLY),
    refuse("portfolio_order", "DELETE"),
    refuse("portfolio_audithead", "DELETE"),
]
UNDO = (
    "DROP FUNCTION portfolio_order_moves, portfolio_order_birth, portfolio_order_identity,"
    " portfolio_append_only CASCADE"
)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
