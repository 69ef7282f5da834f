"""Changes that wait for a second person: decided once, by somebody else, and kept for good."""

import django.utils.timezone
from django.db import migrations, models

GUARD = """
CREATE FUNCTION risk_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'requests of change are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a request of change begins open' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'open' THEN
        IF NEW.state = 'open' OR ROW(NEW.id, NEW.kind, NEW.scope, NEW.subject, NEW.payload, NEW.payload_hash,
               NEW.before, NEW.maker, NEW.reason, NEW.created_at)
           IS DISTINCT FROM ROW(OLD.id, OLD.kind, OLD.scope, OLD.subject, OLD.payload, OLD.payload_hash,
               OLD.before, OLD.maker, OLD.reason, OLD.created_at) THEN
            RAISE EXCEPTION 'a request of change is decided on as it was made'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state = 'approved' AND OLD.expires_at <= clock_timestamp() THEN
            RAISE EXCEPTION 'the request of change has expired' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.expires_at <> OLD.expires_at AND NOT (NEW.kind = 'override' AND NEW.state = 'approved') THEN
            RAISE EXCEPTION 'a request of change does not get more time' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.used_by <> '' OR NEW.used_by = '' OR OLD.expires_at <= clock_timestamp()
       OR to_jsonb(NEW) - 'used_by' <> to_jsonb(OLD) - 'used_by' THEN
        RAISE EXCEPTION 'a decided request of change stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER risk_change_guarded BEFORE INSERT OR UPDATE OR DELETE ON risk_changerequest
    FOR EACH ROW EXECUTE FUNCTION risk_change_guard();
"""
UNGUARD = "DROP TRIGGER risk_change_guarded ON risk_changerequest; DROP FUNCTION risk_change_guard();"


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0004_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("limit", "limit"),
                            ("limit_end", "limit end"),
                            ("sizing", "sizing"),
                            ("pack", "pack"),
                            ("permission", "permission"),
                            ("restriction_end", "restriction end"),
                            ("class", "class"),
                            ("breaker_reset", "breaker reset"),
                            ("override", "override"),
                        ],
                        max_length=24,
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("subject", models.CharField(max_length=200)),
                ("payload", models.JSONField()),
                ("payload_hash", models.CharField(max_length=64)),
                ("before", models.JSONField(blank=True, default=dict)),
                ("maker", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=40)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision_reason", models.CharField(blank=True, max_length=300)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("used_by", models.CharField(blank=True, max_length=24)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["state", "-id"], name="risk_change_waiting"),
                    models.Index(
                        condition=models.Q(("kind", "override"), ("state", "approved"), ("used_by", "")),
                        fields=["expires_at"],
                        name="risk_change_overrides",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("kind", "subject"),
                        name="risk_change_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "limit",
                                    "limit_end",
                                    "sizing",
                                    "pack",
                                    "permission",
                                    "restriction_end",
                                    "class",
                                    "breaker_reset",
                                    "override",
                                ],
                            )
                        ),
                        name="risk_change_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "approved", "rejected", "withdrawn", "expired"])
                        ),
                        name="risk_change_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("scope", ""), _negated=True),
                            models.Q(("subject", ""), _negated=True),
                        ),
                        name="risk_change_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("maker__regex", "^user:[1-9][0-9]*$")), name="risk_change_maker"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("approved", "rejected")), _negated=True),
                            models.Q(
                                ("decided_by__regex", "^user:[1-9][0-9]*$"),
                                models.Q(("decided_by", models.F("maker")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risk_change_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "withdrawn"), _negated=True),
                            ("decided_by", models.F("maker")),
                            _connector="OR",
                        ),
                        name="risk_change_withdrawn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by", ""),
                                ("decision_reason", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                models.Q(("decided_by", ""), _negated=True),
                                ("decided_at__isnull", False),
                                models.Q(("decision_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risk_change_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("applied_at__isnull", False), ("state", "approved")),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True), ("applied_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="risk_change_applied",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_by", ""),
                            models.Q(("kind", "override"), ("state", "approved")),
                            _connector="OR",
                        ),
                        name="risk_change_used",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="risk_change_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payload_hash__regex", "^[0-9a-f]{64}$")), name="risk_change_hash"
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
