"""Dialogs before an action: a reason, for some a typed word, for some the password once more."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

FRESH_FOR_S = 300
_SESSION_KEY = "reauthenticated_at"


class ReasonDialog(BaseDialogForm):
    """Asks why. A subclass that sets `word` also wants that word typed."""

    word: ClassVar[str] = ""
    reason = forms.CharField(
        min_length=8,
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True}),
        help_text="Kept for good beside your name. At least eight characters.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.word:
            self.fields["typed_word"] = forms.CharField(
                label=f"Type {self.word}", widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
            )

    def clean_typed_word(self) -> str:
        typed = str(self.cleaned_data["typed_word"])
        if typed != self.word:
            raise forms.ValidationError(f"This is not {self.word}.")
        return typed


class NoteDialog(BaseDialogForm):
    """Asks for nothing but the click: for what is safe and seen beside the user's name."""


class FreshPasswordDialog(ReasonDialog):
    """Asks why, and for the password where it was last typed more than five minutes ago."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not password_is_fresh(self.request):
            self.fields["password"] = forms.CharField(
                label="Your password",
                strip=False,
                widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
                help_text="Asked again when it was typed more than five minutes ago.",
            )

    def clean_password(self) -> str:
        if not self.request.user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError("This is not your password.")
        remember_password(self.request)
        return ""


def remember_password(request: HttpRequest) -> None:
    """Note that the user has just proven the password."""
    request.session[_SESSION_KEY] = time.time()


def password_is_fresh(request: HttpRequest) -> bool:
    """Tell whether the password was proven in the last five minutes. A clock set back makes it stale."""
    age_s = time.time() - float(request.session.get(_SESSION_KEY, 0))
    return 0 <= age_s <= FRESH_FOR_S


def answer(
    request: HttpRequest, *, to: str, act: Callable[[], str], errors: tuple[type[Exception], ...]
) -> HttpResponse:
    """Call one door and leave its sentence, or the error's, on the page that follows."""
    try:
        messages.success(request, act())
    except errors as error:
        messages.error(request, str(error))
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)
