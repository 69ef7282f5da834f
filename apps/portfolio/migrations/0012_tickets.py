"""What is open at the venue, ticket by ticket: kept with each fill, not added up from all of them each time."""

import django.db.models.deletion
from django.db import migrations, models

# A ticket lives from its first fill to the one that leaves nothing of it. Whoever books holds the account.
KEEP = """
CREATE FUNCTION portfolio_ticket_of_fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portfolio_ticket (account_id, instrument, ticket, lots, opened_at) VALUES (
        NEW.account_id, NEW.instrument, NEW.venue_position_id,
        CASE WHEN NEW.side = 'buy' THEN NEW.quantity ELSE -NEW.quantity END, NEW.executed_at)
        ON CONFLICT (account_id, instrument, ticket) DO UPDATE
        SET lots = portfolio_ticket.lots + EXCLUDED.lots,
            opened_at = least(portfolio_ticket.opened_at, EXCLUDED.opened_at);
    DELETE FROM portfolio_ticket t WHERE t.account_id = NEW.account_id AND t.instrument = NEW.instrument
        AND t.ticket = NEW.venue_position_id AND t.lots = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER portfolio_ticket_of_fill AFTER INSERT ON portfolio_fill
    FOR EACH ROW EXECUTE FUNCTION portfolio_ticket_of_fill();
INSERT INTO portfolio_ticket (account_id, instrument, ticket, lots, opened_at)
    SELECT f.account_id, f.instrument, f.venue_position_id,
        sum(CASE WHEN f.side = 'buy' THEN f.quantity ELSE -f.quantity END), min(f.executed_at)
    FROM portfolio_fill f GROUP BY 1, 2, 3
    HAVING sum(CASE WHEN f.side = 'buy' THEN f.quantity ELSE -f.quantity END) <> 0;
"""
FORGET = "DROP FUNCTION portfolio_ticket_of_fill() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0011_sets")]
    operations = [
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("instrument", models.CharField(max_length=32)),
                ("ticket", models.CharField(blank=True, max_length=64)),
                ("lots", models.DecimalField(decimal_places=10, max_digits=28)),
                ("opened_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="portfolio.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "instrument", "ticket"), name="portfolio_ticket_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
