"""What an open socket hears when rights are missing, taken away, or cannot be read."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from apps.edges import grants
from apps.risk import alerts
from mtquant_site.sockets import channels
from mtquant_site.sockets.reading import read
from mtquant_site.sockets.terms import Terms
from tests.site.talk import WITHIN_S, Talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("floor")]


async def test_hidden_and_unknown_channels_are_refused_and_the_others_given(
    cast: dict[str, User], viewer: Client
) -> None:
    await read(lambda: hide(cast["viewer"]))
    asked = ["orders:paper-1", "orders:none", "quotes:NONE", "bars:EURUSD:7m", "dance", "run:x", "system"]
    async with Talk(viewer) as talk:
        await talk.subscribe(*asked)
        assert (await talk.hear("ack"))["ch"] == ["system"]
        refused = [await talk.hear("err") for _ in range(5)]
    assert {name for err in refused for name in err["ch"]} == set(asked[:-1])
    assert {err["problem"]["status"] for err in refused} == {404}


def hide(user: User) -> None:
    for group in user.groups.all():
        grants.revoke(group, "view_account", kind="account", slug="paper-1")


async def test_a_revoked_right_ends_the_channel_at_once(cast: dict[str, User], viewer: Client) -> None:
    async with Talk(viewer) as talk:
        before = (await talk.snaps("orders:paper-1", "breakers"))["breakers"]
        await read(lambda: hide(cast["viewer"]))
        revoked = await talk.hear("revoked")
        after = await talk.hear("snap", "breakers")
    assert (revoked["ch"], revoked["reason"]) == ("orders:paper-1", "forbidden")
    scopes = [{item["scope"] for item in snap["data"]["items"]} for snap in (before, after)]
    assert scopes[0] - scopes[1] == {"account:paper-1"}


async def test_alerts_tell_of_what_the_listener_may_see(cast: dict[str, User], viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.subscribe("alerts")
        await talk.hear("snap")
        await read(lambda: raise_two(level="warning"))
        await talk.hear("upd")
        told = await talk.hear("upd")
        await read(lambda: hide(cast["viewer"]))
        left = await talk.hear("snap", "alerts")
        await read(lambda: raise_two(level="critical"))
        graver = await talk.hear("upd")
    assert [alerts_of(frame) for frame in (told, left)] == [{"account:paper-1", "desk"}, {"desk"}]
    assert {item["level"] for item in graver["data"]["items"] if item["rule"] == "test"} == {"critical"}


def raise_two(*, level: str) -> None:
    for scope in ("desk", "account:paper-1"):
        alerts.raise_alert(level=level, rule="test", scope=scope, text=f"of {scope}", key=scope)


def alerts_of(frame: dict[str, Any]) -> set[str]:
    return {item["text"].removeprefix("of ") for item in frame["data"]["items"] if item["rule"] == "test"}


async def test_a_right_that_nobody_rang_for_ends_at_the_next_check(
    cast: dict[str, User], viewer: Client
) -> None:
    terms = Terms(recheck_s=0.3, look_every_s=0.05)
    async with Talk(viewer, terms=terms) as talk:
        await talk.subscribe("orders:paper-1")
        await talk.hear("snap")
        await read(cast["viewer"].groups.clear)
        assert (await talk.hear("revoked"))["ch"] == "orders:paper-1"


async def test_a_session_that_ended_is_closed_with_4401(viewer: Client) -> None:
    async with Talk(viewer, terms=Terms(recheck_s=0.3, look_every_s=0.05)) as talk:
        await talk.frame()
        await read(lambda: Session.objects.all().delete())
        assert await talk.closed() == 4401


async def test_a_user_who_is_deactivated_is_closed_with_4401_at_once(
    cast: dict[str, User], viewer: Client
) -> None:
    async with Talk(viewer) as talk:
        await talk.subscribe("system")
        await talk.hear("snap")
        await read(lambda: deactivate(cast["viewer"]))
        assert await talk.closed() == 4401


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    grants.tell([user])


async def test_who_signs_out_is_closed_with_4401_at_once(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.snaps("system")
        await read(lambda: viewer.delete("/api/v1/session/"))
        assert await talk.closed() == 4401


async def test_a_right_that_is_taken_while_it_is_read_gives_no_channel(
    cast: dict[str, User], viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit, looked = channels.admit_all, threading.Event()

    def admit_late(user: Any, names: Sequence[str]) -> Any:
        """Read rights for a channel, and come back when they were taken and the socket has looked again."""
        found = admit(user, names)
        if names:
            hide(cast["viewer"])
            assert looked.wait(WITHIN_S)
        else:
            looked.set()
        return found

    async with Talk(viewer) as talk:
        await talk.frame()
        monkeypatch.setattr(channels, "admit_all", admit_late)
        await talk.subscribe("orders:paper-1")
        assert (await talk.hear("revoked"))["ch"] == "orders:paper-1"


async def test_rights_that_cannot_be_read_are_not_held(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("away")

    async with Talk(viewer, terms=Terms(recheck_s=0.3, look_every_s=0.05)) as talk:
        await talk.snaps("orders:paper-1")
        monkeypatch.setattr(channels, "admit_all", fail)
        assert await talk.closed() == 4503
