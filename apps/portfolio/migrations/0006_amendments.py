"""What the database refuses of births, changed terms and amendments, whoever asks.

An order's terms (quantity, price, stop, target) change only when the venue's answer ends a change that was
asked for, to exactly what was asked; `revision` counts those. What is filled never becomes less.
"""

from django.db import migrations, models

BIRTH = """
CREATE OR REPLACE FUNCTION portfolio_order_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (
        CASE WHEN NEW.source = 'external'
        THEN NEW.status IN ('accepted', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired')
        ELSE NEW.status IN ('approved', 'denied') END
    ) THEN
        RAISE EXCEPTION 'an order of % is not born %', NEW.source, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_birth';
    END IF;
    IF NEW.revision <> 0 THEN
        RAISE EXCEPTION 'an order is born unchanged'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_birth';
    END IF;
    RETURN NEW;
END $$;
"""
OLD_BIRTH = """
CREATE OR REPLACE FUNCTION portfolio_order_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('approved', 'denied') AND NEW.source <> 'external' THEN
        RAISE EXCEPTION 'an order is born approved or denied, not %', NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_birth';
    END IF;
    RETURN NEW;
END $$;
"""

IDENTITY = """
CREATE OR REPLACE FUNCTION portfolio_order_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.client_order_id, NEW.number, NEW.account_id, NEW.source, NEW.signal_key, NEW.leg, NEW.client_ref,
        NEW.policy, NEW.instrument, NEW.side, NEW.order_type, NEW.reduce_only, NEW.is_entry, NEW.ticket)
        IS DISTINCT FROM
       (OLD.client_order_id, OLD.number, OLD.account_id, OLD.source, OLD.signal_key, OLD.leg, OLD.client_ref,
        OLD.policy, OLD.instrument, OLD.side, OLD.order_type, OLD.reduce_only, OLD.is_entry, OLD.ticket)
        OR (NEW.requested_quantity <> OLD.requested_quantity AND NEW.source <> 'external')
    THEN
        RAISE EXCEPTION 'order % cannot become another one', OLD.client_order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_identity';
    END IF;
    IF NEW.filled < OLD.filled THEN
        RAISE EXCEPTION 'what is filled of % cannot become less', OLD.client_order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_filled_grows';
    END IF;
    RETURN NEW;
END $$;
"""
OLD_IDENTITY = """
CREATE OR REPLACE FUNCTION portfolio_order_identity() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

TERMS = """
CREATE FUNCTION portfolio_order_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked numeric[] := ARRAY[(OLD.amendment->>'quantity')::numeric, (OLD.amendment->>'price')::numeric,
        (OLD.amendment->>'stop_loss')::numeric, (OLD.amendment->>'take_profit')::numeric];
    before numeric[] := ARRAY[OLD.quantity, OLD.price, OLD.stop_loss, OLD.take_profit];
    after numeric[] := ARRAY[NEW.quantity, NEW.price, NEW.stop_loss, NEW.take_profit];
    wanted numeric[] := ARRAY[(NEW.amendment->>'quantity')::numeric, (NEW.amendment->>'price')::numeric,
        (NEW.amendment->>'stop_loss')::numeric, (NEW.amendment->>'take_profit')::numeric];
    fault text := '';
BEGIN
    IF after IS DISTINCT FROM before AND NEW.source <> 'external'
        AND (OLD.amendment IS NULL OR NEW.amendment IS NOT NULL OR after IS DISTINCT FROM asked)
    THEN
        fault := 'its terms change only to what was asked for';
    ELSIF NEW.revision <> OLD.revision
        + (OLD.amendment IS NULL AND NEW.amendment IS NOT NULL)::int
    THEN
        fault := 'its revision counts the changes that were asked for';
    ELSIF OLD.amendment IS NOT NULL AND NEW.amendment IS NOT NULL AND wanted IS DISTINCT FROM asked THEN
        fault := 'what was asked for stands until the venue has answered';
    ELSIF NEW.amendment IS NOT NULL AND coalesce(wanted[1] > 0, false) IS NOT TRUE THEN
        fault := 'a change names the quantity that it leads to';
    END IF;
    IF fault <> '' THEN
        RAISE EXCEPTION 'order %: %', OLD.client_order_id, fault
            USING ERRCODE = 'check_violation', CONSTRAINT = 'portfolio_order_terms';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portfolio_order_terms BEFORE UPDATE ON portfolio_order
    FOR EACH ROW EXECUTE FUNCTION portfolio_order_terms();
"""
NO_TERMS = "DROP FUNCTION portfolio_order_terms CASCADE"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0005_room")]
    operations = [
        migrations.RunSQL([BIRTH, IDENTITY, TERMS], [NO_TERMS, OLD_IDENTITY, OLD_BIRTH]),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(status="replace_pending", amendment__isnull=False)
                | (~models.Q(status="replace_pending") & models.Q(amendment__isnull=True)),
                name="portfolio_order_amendment",
            ),
        ),
    ]
