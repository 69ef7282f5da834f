"""Faults that somebody could bring in, each with the test that turns red."""

import secrets
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from apps.portfolio import ledger
from apps.portfolio.audit import appending
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.ledger import booking, sending, writing
from apps.portfolio.models import Order
from apps.risk import changes, review
from apps.risk.changes import requests
from apps.risk.domain import checks
from apps.risk.domain.breaker import Bases
from apps.risk.domain.checks import PRE_TRADE, Check, Context, Finding, Result, room
from apps.risk.domain.limits import Limit
from apps.risk.errors import Busy
from apps.risk.review import room as review_room
from tests.planted.planting import Fault, both, code, constraint, function, sql
from tests.portfolio import test_ledger_booking, test_ledger_sending, test_states
from tests.risk import test_breakers, test_change_requests, test_permit, test_races, test_room
from tests.risk.domain import test_checks, test_conduct, test_exact

HAIR = Decimal("1e-12")
_compare, _run, _ask = room._compare, checks.run, checks._ask
_draft, _move, _book_on, _hash_of = ledger.draft, writing.move, booking._book_on, appending.hash_of


def as_floats(limit: Limit, value: Decimal, equity: Decimal, reason: str) -> Finding:
    rounded = replace(limit, hard=Decimal(float(limit.hard)))
    return _compare(rounded, Decimal(float(value)), equity, reason)


def equal_denies(limit: Limit, value: Decimal, equity: Decimal, reason: str) -> Finding:
    return _compare(limit, value + (-HAIR if limit.metric.is_floor else HAIR), equity, reason)


def raising_passes(check: Check, request: Any, context: Context) -> Finding:
    try:
        return check.judge(request, context)
    except Exception:  # noqa: BLE001 - the fault
        return Finding()


def first_reason_only(*asked: Any, **options: Any) -> tuple[Result, ...]:
    found = _run(*asked, **options)
    breached = next((result for result in found if result.breach), None)
    return tuple(result for result in found if result is breached or not result.breach)


def forgets_epochs(**facts: Any) -> ledger.Draft:
    return _draft(**(facts | {"epochs": {}}))


def doubt_frees(row: Order, to: OrderStatus, **facts: Any) -> bool:
    moved = _move(row, to, **facts)
    if to is OrderStatus.UNKNOWN:
        writing.set_room(row, Decimal(0))
    return moved


def drops_late_fills(row: Order, report: Any, **facts: Any) -> Any:
    return () if OrderStatus(row.status).is_final else _book_on(row, report, **facts)


def links_to_nothing(entry: Any) -> str:
    entry.prev_hash = ""
    return _hash_of(entry)


FAULTS = (
    Fault(
        name="lock removed",
        plant=function("portfolio_lock", ("PERFORM pg_advisory_xact_lock(p_keys[at]);", "NULL;")),
        red=test_permit.test_nothing_is_written_while_somebody_else_holds_the_account,
    ),
    Fault(
        name="load before lock",
        plant=function(
            "portfolio_lock_load",
            ("    PERFORM portfolio_lock(p_keys, p_shared, p_wait_ms);\n", ""),
            (
                "    RETURN found;",
                "    PERFORM portfolio_lock(p_keys, p_shared, p_wait_ms);\n    RETURN found;",
            ),
        ),
        red=test_races.test_one_intent_asked_sixteen_times_is_one_order,
        how=(IntegrityError,),
    ),
    Fault(
        name="guard of the desk's counter dropped",
        plant=both(
            function("portfolio_draw", ("AND u.used + g.change <= g.hard", "")),
            sql(
                "ALTER TABLE portfolio_reservation DISABLE TRIGGER portfolio_reservation_room",
                "ALTER TABLE portfolio_reservation ENABLE TRIGGER portfolio_reservation_room",
            ),
        ),
        red=test_room.test_a_denial_in_a_race_names_the_desk_with_value_and_limit,
        how=(IndexError,),
    ),
    Fault(
        name="the second look for own orders takes numbers for the order of commits",
        plant=function(
            "portfolio_meets_nobody",
            (
                "NOT p->'seen' ? portfolio_seen(o.id, o.revision, o.amendment)",
                (
                    "o.id > ALL (SELECT split_part(s, ':', 1)::bigint"
                    " FROM jsonb_array_elements_text(p->'seen') s)"
                ),
            ),
        ),
        red=test_room.test_the_second_look_knows_each_order_that_was_seen_and_asks_for_any_other,
    ),
    Fault(
        name="tickets of other instruments left out",
        plant=function(
            "portfolio_lock_load",
            ("t.account_id = own", "t.account_id = own AND t.instrument = p->>'instrument'"),
        ),
        red=test_room.test_tickets_of_another_instrument_are_not_forgotten_by_a_permit,
        how=(KeyError, AssertionError),
    ),
    Fault(
        name="an exit counts nothing beside an entry on its side",
        plant=code((review_room, "rise", lambda *_: None)),
        red=test_room.test_an_exit_beside_an_entry_on_its_side_counts_what_both_may_leave,
        how=(KeyError, AssertionError),
    ),
    Fault(
        name="a cap outlives its limit",
        plant=code((ledger, "forget_caps", lambda: None)),
        red=test_room.test_a_limit_of_the_desk_that_ended_denies_nothing_more,
        how=(Busy,),
    ),
    Fault(
        name="the database lets a reservation exceed the desk",
        plant=function("portfolio_reservation_room", ("v_over IS NOT NULL", "false")),
        red=test_room.test_the_database_refuses_a_reservation_beyond_the_desk_by_whatever_way,
    ),
    Fault(
        name="float compare",
        plant=code((room, "_compare", as_floats)),
        red=test_exact.test_a_limit_decides_by_the_last_of_its_digits,
        given={"scope": "desk"},
    ),
    Fault(
        name="> for >=",
        plant=code((room, "_compare", equal_denies)),
        red=test_checks.test_equal_to_a_limit_passes,
    ),
    Fault(
        name="a check that raises passes",
        plant=code((checks, "_ask", raising_passes)),
        red=test_checks.test_a_check_that_raises_denies_under_its_name,
    ),
    Fault(
        name="denial with one reason only",
        plant=code((checks, "run", first_reason_only)),
        red=test_permit.test_a_denied_order_keeps_every_reason,
    ),
    Fault(
        name="exit blocked by limits of entries",
        plant=code((Check, "concerns", lambda _check, _intent: True)),
        red=test_permit.test_an_exit_passes_without_quotes_limits_or_a_quiet_breaker,
    ),
    Fault(
        name="duplicate check removed",
        plant=code((_run, "__defaults__", (tuple(c for c in PRE_TRADE if c.name != "duplicate"),))),
        red=test_conduct.test_a_person_does_not_send_the_same_order_twice_in_five_seconds,
        given={"source": test_conduct.PERSON, "changes": {}, "ago_s": 0, "denied": True},
    ),
    Fault(
        name="epoch not stored",
        plant=code((ledger, "draft", forgets_epochs)),
        red=test_permit.test_an_order_carries_the_epochs_it_was_approved_under,
        how=(KeyError,),
    ),
    Fault(
        name="an intent gets a new id each time",
        plant=code((review, "client_order_id", lambda **_: secrets.token_hex(12))),
        red=test_permit.test_the_same_intent_gets_the_stored_verdict,
        how=(IntegrityError,),
    ),
    Fault(
        name="UNKNOWN frees its reservation",
        plant=code((sending, "move", doubt_frees)),
        red=test_ledger_sending.test_p01_orders_of_a_lost_sender_are_in_doubt_and_keep_their_room,
    ),
    Fault(
        name="late fill dropped",
        plant=code((booking, "_book_on", drops_late_fills)),
        red=test_ledger_booking.test_p07_a_fill_after_the_end_is_booked_and_flagged,
    ),
    Fault(
        name="an ended order moves again",
        plant=sql(
            "ALTER TABLE portfolio_order DISABLE TRIGGER portfolio_order_moves",
            "ALTER TABLE portfolio_order ENABLE TRIGGER portfolio_order_moves",
        ),
        red=test_states.test_i5_raw_sql_passes_exactly_the_legal_pairs,
    ),
    Fault(
        name="audit link skipped",
        plant=code((appending, "hash_of", links_to_nothing)),
        red=test_ledger_sending.test_i9_every_move_has_its_event_and_its_audit_entry,
    ),
    Fault(
        name="maker approves own change",
        plant=code((requests, "_may_approve", lambda *_: None)),
        red=test_change_requests.test_whoever_made_it_does_not_decide_under_any_name,
        how=(IntegrityError,),
        given={"act": changes.approve},
    ),
    Fault(
        name="the database lets a maker approve",
        plant=constraint("risk_changerequest", "risk_change_four_eyes"),
        red=test_change_requests.test_the_database_refuses,
        given={"change": test_change_requests.SQL["approved by its maker"]},
    ),
    Fault(
        name="breaker reset by a deposit",
        plant=code(
            (
                Bases,
                "moved",
                lambda bases, *, flows, equity: Bases.at(equity, flows=flows, day=bases.day),
            )
        ),
        red=test_breakers.test_a_deposit_is_no_gain_and_a_withdrawal_no_loss,
    ),
)
