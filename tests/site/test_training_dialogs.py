"""Dialogs of trainings: cancel, begin again, deploy; each asks for its right and calls a door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from guardian.models import GroupObjectPermission

from apps.agents import training
from apps.agents.models import Agent, AgentEvent, PolicyVersion, TrainingRun
from apps.edges import rights
from tests.agents import networks

REASON = "it did better on later bars"
SLUG = "eurusd-ppo"
SignIn = Callable[[str], Client]

pytestmark = pytest.mark.usefixtures("desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    page: str
    said: list[str] = field(default_factory=list)


def send(browser: Client, name: str, pk: int, **fields: str) -> Answer:
    """Confirm a dialog; return what the pages after it will say, the newest last."""
    asked = {"_form_submitted": "True", **fields}
    answer = browser.post(reverse(f"admin:agents_{name}", args=(pk,)), asked, headers={"HX-Request": "true"})
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    return Answer(status=answer.status_code, page=answer.content.decode(), said=said)


def waiting(*, deploy: bool = False) -> TrainingRun:
    run_id = training.queue(agent_slug=SLUG, config={}, deploy=deploy, by="desk")
    return TrainingRun.objects.get(pk=run_id)


def stopped(status: str = "interrupted") -> TrainingRun:
    return TrainingRun.objects.get(agent__slug=SLUG, status=status)


def learned() -> PolicyVersion:
    return networks.publish(networks.stubborn("buy"), name=SLUG)


def test_a_training_is_cancelled_by_a_name(sign_in: SignIn) -> None:
    run = waiting()
    answer = send(sign_in("quant"), "trainingrun_cancel", run.pk)
    run.refresh_from_db()
    assert answer.said == [f"Training {run.pk} is told to stop."]
    assert run.status == "cancelled"
    assert run.cancel_requested.endswith("(quant)")


def test_a_training_that_is_over_is_not_cancelled(sign_in: SignIn) -> None:
    run = stopped("failed")
    assert send(sign_in("quant"), "trainingrun_cancel", run.pk).said == [
        f"training {run.pk} is failed already"
    ]
    run.refresh_from_db()
    assert (run.status, run.cancel_requested) == ("failed", "")


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_a_training_that_stopped_early_begins_again(sign_in: SignIn, status: str) -> None:
    old = stopped(status)
    answer = send(sign_in("quant"), "trainingrun_restart", old.pk)
    new = TrainingRun.objects.get(status="queued")
    assert answer.said == [f"Training {new.pk} takes over from {old.pk}."]
    assert (new.restart_of, new.requested_by.endswith("(quant)")) == (old, True)


def test_a_training_that_was_done_does_not_begin_again(sign_in: SignIn) -> None:
    answer = send(sign_in("quant"), "trainingrun_restart", stopped("done").pk)
    assert "only one that stopped early can be restarted" in answer.said[-1]
    assert not TrainingRun.objects.filter(status="queued").exists()


def test_a_second_training_is_not_begun_beside_one_that_waits(sign_in: SignIn) -> None:
    waiting()
    answer = send(sign_in("quant"), "trainingrun_restart", stopped().pk)
    assert "is trained already" in answer.said[-1]
    assert TrainingRun.objects.filter(status="queued").count() == 1


def test_a_version_is_deployed_with_a_reason_that_is_kept(sign_in: SignIn) -> None:
    version = learned()
    answer = send(sign_in("quant"), "policyversion_deploy", version.pk, reason=REASON)
    agent = Agent.objects.get(slug=SLUG)
    assert answer.said == [f"{SLUG} decides by {version} from its next closed bar on."]
    assert (agent.version, agent.stage) == (version, "paper")
    event = AgentEvent.objects.get(kind="deployed")
    assert (event.reason, event.by.endswith("(quant)")) == (REASON, True)


def test_a_version_is_not_deployed_without_a_reason(sign_in: SignIn) -> None:
    answer = send(sign_in("quant"), "policyversion_deploy", learned().pk, reason=" ")
    assert "This field is required" in answer.page
    assert Agent.objects.get(slug=SLUG).version is None


def test_a_version_whose_file_was_changed_is_not_deployed(sign_in: SignIn) -> None:
    version = learned()
    Path(default_storage.path(version.content_hash)).write_bytes(b"something else")
    answer = send(sign_in("quant"), "policyversion_deploy", version.pk, reason=REASON)
    assert "does not match its hash" in answer.said[-1]
    assert Agent.objects.get(slug=SLUG).version is None


@pytest.mark.parametrize("role", ["viewer", "trader", "risk", "ops"])
def test_who_may_not_train_or_deploy_changes_nothing(sign_in: SignIn, role: str) -> None:
    run, version, browser = waiting(), learned(), sign_in(role)
    answers = [
        send(browser, "trainingrun_cancel", run.pk),
        send(browser, "trainingrun_restart", stopped().pk),
        send(browser, "policyversion_deploy", version.pk, reason=REASON),
    ]
    assert [answer.status for answer in answers] == [403, 403, 403]
    assert TrainingRun.objects.filter(status="queued").get() == run
    assert Agent.objects.get(slug=SLUG).version is None


def test_the_right_must_be_held_on_this_very_agent(sign_in: SignIn) -> None:
    run, version, browser = waiting(), learned(), sign_in("quant")
    GroupObjectPermission.objects.filter(permission__codename="operate_agent").delete()
    assert send(browser, "trainingrun_cancel", run.pk).status == 403
    assert send(browser, "policyversion_deploy", version.pk, reason=REASON).status == 403
    run.refresh_from_db()
    assert run.status == "queued"


def test_a_training_that_deploys_takes_the_right_to_deploy(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rights.RIGHTS, "agent.deploy", frozenset({"admin"}))
    agent, browser = Agent.objects.get(slug=SLUG), sign_in("quant")
    asked = {"steps": "4096", "seeds": "1"}
    refused = send(browser, "agent_train", agent.pk, deploy="on", **asked)
    assert "may not deploy" in refused.said[-1]
    old = waiting(deploy=True)
    training.cancel(run_id=old.pk, by="desk")
    assert "may not deploy" in send(browser, "trainingrun_restart", old.pk).said[-1]
    assert not TrainingRun.objects.filter(status="queued").exists()
    assert "is queued" in send(browser, "agent_train", agent.pk, **asked).said[-1]
