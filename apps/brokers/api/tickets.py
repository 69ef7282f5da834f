"""What a person may ask for, read strictly: a number is text on its step, and nothing unknown is ignored."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.edges.shapes import Amount, amount
from apps.marketdata import clock, instruments
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.errors import UnknownInstrument
from apps.portfolio.domain.order import OrderRequest, OrderType, Side

Shape = serializers.Serializer[Any]
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,10})?")
SIDES = [side.value for side in Side]
TYPES = [kind.value for kind in OrderType]
LONGEST_REF = 64


@extend_schema_field({"type": "string", "format": "decimal", "examples": ["0.10"]})
class Number(serializers.Field[Decimal, Any, str, Any]):
    """A decimal as text. A JSON number is refused: it is binary, and 0.1 would not be what was typed."""

    default_error_messages: ClassVar = {"number": 'This is a decimal as text, such as "0.10".'}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not NUMBER.fullmatch(data):
            self.fail("number")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> str:
        return amount(value) or "0"


class Strict(Shape):
    """Refuses members that it does not know: one that was misspelt must not be taken as absent."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such member."))
        return super().to_internal_value(data)


class TicketSerializer(Strict):
    account = serializers.CharField(help_text="An account's slug.")
    instrument = serializers.CharField()
    side = serializers.ChoiceField(SIDES)
    type = serializers.ChoiceField(TYPES)
    quantity = Number(
        required=False,
        help_text="Lots, above zero and on the instrument's lot step; with `risk_share` the most of them.",
    )
    risk_share = Number(
        required=False,
        allow_null=True,
        help_text="In place of lots: the share of equity lost at the stop loss, 0.01 for one per cent.",
    )
    price = Number(required=False, allow_null=True, help_text="Of limit and stop orders, on the tick.")
    stop_loss = Number(required=False, allow_null=True, help_text="An order is sized by it.")
    take_profit = Number(required=False, allow_null=True)
    reduce_only = serializers.BooleanField(
        required=False, default=False, help_text="An exit: it may only shrink the account's position."
    )
    client_ref = serializers.RegexField(
        r"^[\x21-\x7e]+$",
        max_length=LONGEST_REF,
        required=False,
        help_text="Your own name for the order, unique on its account: sent again it gets that order.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = {}
        is_market = attrs["type"] == OrderType.MARKET.value
        if is_market != (attrs.get("price") is None):
            needs = "takes no price" if is_market else "needs a price"
            faults["price"] = f"A {attrs['type']} order {needs}."
        faults |= _size_faults(attrs)
        try:
            spec = instruments.spec(attrs["instrument"])
        except UnknownInstrument:
            faults["instrument"] = f"There is no instrument {attrs['instrument']}."
        else:
            attrs.setdefault("quantity", spec.lot_max)
            faults |= _off_step(attrs, spec)
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


def _size_faults(ticket: Mapping[str, Any]) -> dict[str, str]:
    share = ticket.get("risk_share")
    if share is None:
        return {} if "quantity" in ticket else {"quantity": "Say how many lots, or how much to risk."}
    if not 0 < share <= 1:
        return {"risk_share": "A share at risk lies above 0 and at most at 1."}
    if ticket["reduce_only"]:
        return {"risk_share": "An exit is a number of lots."}
    return {} if ticket.get("stop_loss") is not None else {"stop_loss": "A share at risk needs a stop loss."}


def _off_step(ticket: Mapping[str, Any], spec: InstrumentSpec) -> dict[str, str]:
    faults = {}
    lots = ticket["quantity"]
    if lots <= 0:
        faults["quantity"] = "The quantity must be above zero."
    elif not spec.fits_step(lots):
        step = amount(spec.lot_step)
        faults["quantity"] = f"{amount(lots)} lots are not on {spec.name}'s lot step of {step}."
    for name in ("price", "stop_loss", "take_profit"):
        price = ticket.get(name)
        if price is not None and price % spec.tick_size:
            faults[name] = f"{amount(price)} is not on {spec.name}'s tick of {amount(spec.tick_size)}."
    return faults


def request_of(ticket: Mapping[str, Any], *, source: str, signal_key: str) -> OrderRequest:
    """Return a ticket as the intent that risk is asked about."""
    return OrderRequest(
        account=ticket["account"],
        source=source,
        instrument=ticket["instrument"],
        side=Side(ticket["side"]),
        quantity=ticket["quantity"],
        order_type=OrderType(ticket["type"]),
        price=ticket.get("price"),
        stop_loss=ticket.get("stop_loss"),
        take_profit=ticket.get("take_profit"),
        risk_share=ticket.get("risk_share"),
        reduce_only=ticket["reduce_only"],
        client_ref=ticket.get("client_ref", ""),
        signal_key=signal_key,
        requested_at=clock.desk_now(),
    )


class OrderTermsSerializer(Strict):
    """Terms of a resting order; what is absent stays as it is."""

    quantity = Number(required=False, help_text="Lots of the whole order, filled ones included.")
    price = Number(required=False)
    stop_loss = Number(required=False, allow_null=True, help_text="null: no stop.")
    take_profit = Number(required=False, allow_null=True, help_text="null: no target.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Say what to change.")
        return attrs


def change_faults(changes: Mapping[str, Any], instrument: str) -> dict[str, str]:
    """Return what of a change is not on the instrument's steps, by member."""
    spec = instruments.spec(instrument)
    return _off_step({"quantity": spec.lot_step} | dict(changes), spec)


class CheckSerializer(Shape):
    check = serializers.CharField(help_text="The check's name.")
    passed = serializers.BooleanField()
    soft = serializers.BooleanField(help_text="Passed, but beyond the soft limit.")
    reason = serializers.CharField(help_text="Stable code of a denial, else empty.")
    value = Amount(allow_null=True, help_text="What the order or its scope would have.")
    limit = Amount(allow_null=True)
    unit = serializers.CharField()
    text = serializers.CharField(help_text="One sentence where it denies or was skipped, else empty.")
    elapsed_ms = serializers.FloatField(allow_null=True)


class PreviewSerializer(Shape):
    would = serializers.ChoiceField(["pass", "deny"])
    checks = CheckSerializer(many=True)
    quantity = Amount(help_text="Lots.")
    price = Amount(allow_null=True, help_text="What it is counted at: the highest possible fill of an entry.")
    value = Amount(allow_null=True, help_text="Account money, at that price.")
    margin = Amount(allow_null=True, help_text="Account money that this order would hold.")
    margin_free_after = Amount(allow_null=True)
    risk = Amount(allow_null=True, help_text="What is lost at the stop loss; null without one.")
    currency = serializers.CharField(help_text="The account's.")
    indicative = serializers.BooleanField(help_text="Always true: another order may come first.")
