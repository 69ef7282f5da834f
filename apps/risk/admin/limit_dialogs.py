"""Dialogs that tighten a limit, add one, or propose another."""

from dataclasses import replace
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.edges import dialogs, figures, rights
from apps.risk import changes
from apps.risk.domain.change import loosens
from apps.risk.domain.limits import Limit
from apps.risk.errors import RiskError
from apps.risk.models import RiskLimit
from apps.risk.models.limits import METRICS, UNITS


class LimitDialog(dialogs.ReasonDialog):
    """Asks for the new values, beginning with those in force."""

    hard = forms.DecimalField(max_digits=28, decimal_places=10, widget=UnfoldAdminTextInputWidget())
    soft = forms.DecimalField(
        max_digits=28, decimal_places=10, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="Passes and alerts. Empty: no soft limit.",
    )  # fmt: skip
    field_order = ("hard", "soft", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = RiskLimit.objects.get(pk=self.object_id)
        self.fields["hard"].initial = figures.plain(self.limit.hard)
        self.fields["hard"].help_text = f"In {self.limit.unit}."
        if self.limit.soft is not None:
            self.fields["soft"].initial = figures.plain(self.limit.soft)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.limit.ended_at is not None:
            self.add_error("hard", "This version has ended: change the one in force.")
        elif "hard" in cleaned:
            self._compare(cleaned)
        return cleaned

    def wanted(self) -> Limit:
        """Return the limit as it is to be."""
        return replace(self.limit.value(), hard=self.cleaned_data["hard"], soft=self.cleaned_data.get("soft"))

    def _compare(self, cleaned: dict[str, Any]) -> None:
        """Put what is wrong on a field, since the theme's dialogs show no errors of the form as a whole."""
        if (cleaned["hard"], cleaned.get("soft")) == (self.limit.hard, self.limit.soft):
            self.add_error("hard", "These values are in force already.")


class TightenDialog(LimitDialog):
    def _compare(self, cleaned: dict[str, Any]) -> None:
        super()._compare(cleaned)
        if loosens(self.wanted(), self.limit.value()):
            self.add_error("hard", "These values do not tighten the limit: propose them instead.")


class NewLimitDialog(dialogs.ReasonDialog):
    """Asks for everything of a limit that nothing of the same scope and metric precedes."""

    scope = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget(),
        help_text="desk, account:SLUG, source:agent:SLUG, source:user:ID; a last * stands for every end.",
    )  # fmt: skip
    metric = forms.ChoiceField(choices=METRICS, widget=UnfoldAdminSelectWidget())
    instrument = forms.CharField(
        max_length=32, required=False, widget=UnfoldAdminTextInputWidget(), help_text="Empty: all of them."
    )
    currency = forms.CharField(
        max_length=8, required=False, widget=UnfoldAdminTextInputWidget(), help_text="Empty: all of them."
    )
    hard = forms.DecimalField(max_digits=28, decimal_places=10, widget=UnfoldAdminTextInputWidget())
    soft = forms.DecimalField(
        max_digits=28, decimal_places=10, required=False, widget=UnfoldAdminTextInputWidget()
    )
    unit = forms.ChoiceField(choices=UNITS, widget=UnfoldAdminSelectWidget())
    field_order = ("scope", "metric", "instrument", "currency", "hard", "soft", "unit", "reason")

    def clean_scope(self) -> str:
        scope = str(self.cleaned_data["scope"])
        try:
            changes.guard_of(scope)
        except RiskError as error:
            raise forms.ValidationError(str(error)) from error
        if not rights.may(self.request.user, "limit.tighten", **rights.of_scope(scope)):
            raise forms.ValidationError("You may not limit this.")
        return scope


TIGHTEN: Any = {
    "title": "Tighten this limit",
    "description": "It acts at once: entries approved before and not yet sent are refused at the last gate.",
    "form_class": TightenDialog,
    "form_submit_text": "Tighten",
}
PROPOSE: Any = {
    "title": "Propose another limit",
    "description": "Nothing changes until a second person approves exactly these values, within a day.",
    "form_class": LimitDialog,
    "form_submit_text": "Propose",
}
PROPOSE_END: Any = {
    "title": "Propose to end this limit",
    "description": "Nothing changes until a second person approves. Orders that need a limit of this metric "
    "and find none are denied.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Propose",
}
NEW: Any = {
    "title": "Add a limit",
    "description": "It acts at once beside those in force: of several for one scope the tightest counts.",
    "form_class": NewLimitDialog,
    "form_submit_text": "Add",
}
