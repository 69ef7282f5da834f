"""What REST tells of agents, and what people may do with them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from guardian.models import GroupObjectPermission

from apps.agents.models import Agent, Evaluation, PolicyVersion, TrainingRun
from apps.edges import rights
from tests.agents import school
from tests.agents.api.conftest import Browser
from tests.agents.floor import Floor, version
from tests.site import schema

SignIn = Callable[..., Browser]
REASON = "the spread is far too wide tonight"
FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)


def score(name: str, net_return: float) -> dict[str, Any]:
    return {
        "name": name, "net_return": net_return, "sharpe": None, "max_drawdown": 0.1, "trades": 12,
        "turnover": 3.5, "costs": 0.01,
    }  # fmt: skip


def judged(agent: Agent) -> Evaluation:
    """Give the agent's version an evaluation."""
    return Evaluation.objects.create(
        version=agent.policy, eval_from=FIRST, eval_to=LAST, data_hash="d", cost_version="paper-1",
        spread_label="recorded", rows=[score("agent", -0.02), score("flat", 0.0)],
        equity={"agent": [[1.0, 100.0], [2.0, 98.0]]}, drawdown={"agent": [[1.0, 0.0], [2.0, 0.02]]},
        members=[{"seed": 1, "net_return": -0.02, "sharpe": None, "max_drawdown": 0.1, "trades": 12}],
    )  # fmt: skip


def test_the_list_says_of_each_agent_what_it_is_and_how_it_did(floor: Floor, sign_in: SignIn) -> None:
    judged(floor.agent())
    school.pupil(note="learns here")
    answer = sign_in("viewer").get("agents/")
    learner, rule = sorted(answer.json(), key=lambda agent: str(agent["kind"]))
    assert schema.faults(answer.json(), "/api/v1/agents/") == []
    assert (rule["slug"], rule["version"], rule["stage"]) == ("one", "buy-and-hold v1", "paper")
    assert rule["evaluation"] == {
        "agent": {"net_return": -0.02, "sharpe": None},
        "flat": {"net_return": 0.0, "sharpe": None},
    }
    assert (learner["version"], learner["trained_at"], learner["note"]) == ("", None, "learns here")


def test_the_list_takes_as_many_queries_for_ten_agents_as_for_one(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    viewer = sign_in("viewer")
    with CaptureQueriesContext(connection) as few:
        viewer.get("agents/")
    for number in range(9):
        floor.agent(name=f"other-{number}")
    everyone = sign_in("viewer", "another")
    with CaptureQueriesContext(connection) as many:
        assert len(everyone.get("agents/").json()) == 10
    assert len(many) == len(few)
    assert len(many) <= 15


def test_a_page_shows_versions_evaluation_trainings_and_rights(floor: Floor, sign_in: SignIn) -> None:
    agent = floor.agent()
    judged(agent)
    answer = sign_in("quant").get("agents/one/")
    shown = answer.json()
    assert schema.faults(shown, "/api/v1/agents/{slug}/") == []
    assert [(found["name"], found["active"]) for found in shown["versions"]] == [("buy-and-hold", True)]
    assert shown["evaluation"]["equity"]["agent"] == [[1.0, 100.0], [2.0, 98.0]]
    assert {"agent.view", "agent.train", "agent.pause"} <= set(shown["rights"])


def test_a_version_has_its_evaluation_and_its_tear_sheet(
    floor: Floor, sign_in: SignIn, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    agent = floor.agent()
    row = judged(agent)
    (tmp_path / "sheet.html").write_text("<h1>how it did</h1>")
    viewer, path = sign_in("viewer"), f"versions/{agent.policy.pk}"
    assert viewer.get(f"{path}/tearsheet/").status_code == 404
    Evaluation.objects.create(
        **{field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name != "id"}
        | {"tear_sheet": "sheet.html"}
    )
    assert (
        schema.faults(viewer.get(f"{path}/evaluation/").json(), "/api/v1/versions/{version_id}/evaluation/")
        == []
    )
    page = viewer.get(f"{path}/tearsheet/")
    assert (page.content, page.headers["Content-Type"]) == (
        b"<h1>how it did</h1>",
        "text/html; charset=utf-8",
    )
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert viewer.get("versions/99999/evaluation/").status_code == 404


def test_a_training_is_asked_for_and_followed(floor: Floor, sign_in: SignIn) -> None:
    school.pupil()
    quant = sign_in("quant")
    answer = quant.post("agents/eurusd-ppo/train/", {"steps": 4096, "seeds": 2})
    run = answer.json()
    assert answer.status_code == 202, answer.content
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}/"
    assert (run["status"], run["config"]["seeds"], run["deploy"]) == ("queued", 2, False)
    assert run["requested_by"].endswith("(quant)")
    assert quant.get(f"runs/{run['id']}/").json() == run
    assert schema.faults(quant.get("runs/").json(), "/api/v1/runs/") == []
    assert quant.get("runs/?agent=eurusd-ppo&status=queued").json()["results"] == [run]


def test_trainings_are_listed_in_the_order_that_is_asked_for(floor: Floor, sign_in: SignIn) -> None:
    ids = []
    for slug in ("first", "second"):
        school.pupil(slug)
        ids.append(school.ask(slug))
    viewer = sign_in("viewer")
    for ordering, expected in (("id", ids), ("-id", ids[::-1])):
        page = viewer.get(f"runs/?ordering={ordering}").json()
        assert [run["id"] for run in page["results"]] == expected


def test_two_trainings_at_once_are_one_too_many(floor: Floor, sign_in: SignIn) -> None:
    school.pupil()
    quant = sign_in("quant")
    quant.post("agents/eurusd-ppo/train/")
    answer = quant.post("agents/eurusd-ppo/train/")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-training")
    assert TrainingRun.objects.count() == 1


@pytest.mark.parametrize("asked", [{"steps": 0}, {"seeds": 21}, {"steps": "many"}])
def test_a_training_out_of_range_is_not_asked_for(
    floor: Floor, sign_in: SignIn, asked: dict[str, Any]
) -> None:
    school.pupil()
    answer = sign_in("quant").post("agents/eurusd-ppo/train/", asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{next(iter(asked))}")


def test_a_training_is_stopped_and_asked_for_again(floor: Floor, sign_in: SignIn) -> None:
    school.pupil()
    run_id, quant = school.ask(), sign_in("quant")
    assert quant.post(f"runs/{run_id}/cancel/").json()["status"] == "cancelled"
    assert quant.post(f"runs/{run_id}/cancel/").status_code == 409
    again = quant.post(f"runs/{run_id}/restart/")
    assert (again.status_code, again.json()["restart_of"]) == (202, run_id)


def test_an_agent_is_paused_and_resumed_with_a_reason(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    trader, quant = sign_in("trader"), sign_in("quant")
    assert trader.post("agents/one/pause/", {"reason": "short"}).status_code == 400
    paused = trader.post("agents/one/pause/", {"reason": REASON})
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert REASON in paused.json()["state_reason"]
    assert trader.post("agents/one/pause/", {"reason": REASON}).status_code == 409
    assert trader.post("agents/one/resume/", {"reason": REASON}).status_code == 403
    assert quant.post("agents/one/resume/", {"reason": REASON}).json()["state"] == "active"


def test_another_version_is_deployed_with_a_reason(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    other = version("ma-cross", band=0.25)
    quant = sign_in("quant")
    answer = quant.post("agents/one/deploy/", {"version": other.pk, "reason": REASON})
    assert (answer.status_code, answer.json()["version"]) == (200, "ma-cross v1")
    assert quant.post("agents/one/deploy/", {"version": 99_999, "reason": REASON}).status_code == 404
    assert quant.post("agents/one/deploy/", {"version": other.pk, "reason": REASON}).status_code == 409


def test_what_a_hidden_agent_learned_is_not_there_for_deploying(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    hidden = PolicyVersion.objects.create(
        name="hidden", number=1, kind="learned", feature_set="core-1", content_hash="cd" * 32,
        artefact="cd" * 32,
    )  # fmt: skip
    answer = sign_in("quant").post("agents/one/deploy/", {"version": hidden.pk, "reason": REASON})
    assert (answer.status_code, "hidden" in answer.content.decode()) == (404, False)


WHO = {
    "viewer": (403, 403, 403, 403),
    "trader": (403, 200, 403, 403),
    "quant": (202, 200, 200, 200),
    "risk": (403, 200, 200, 403),
    "ops": (403, 200, 403, 403),
    "admin": (202, 200, 200, 200),
}


@pytest.mark.parametrize("role", WHO)
def test_who_may_train_pause_resume_and_deploy(floor: Floor, sign_in: SignIn, role: str) -> None:
    floor.agent()
    school.pupil()
    other = version("ma-cross", band=0.25)
    person, why = sign_in(role, "somebody"), {"reason": REASON}
    train = person.post("agents/eurusd-ppo/train/")
    pause = person.post("agents/one/pause/", why)
    Agent.objects.filter(slug="one").update(state="paused")
    resume = person.post("agents/one/resume/", why)
    deploy = person.post("agents/one/deploy/", why | {"version": other.pk})
    assert tuple(answer.status_code for answer in (train, pause, resume, deploy)) == WHO[role]


def test_a_quant_may_train_but_not_trade(floor: Floor, sign_in: SignIn) -> None:
    quant = sign_in("quant")
    answer = quant.client.post(
        "/api/v1/orders/",
        {"account": "paper-1", "instrument": "EURUSD", "side": "buy", "type": "market", "quantity": "0.1"},
        content_type="application/json",
        headers={"Idempotency-Key": "a-quants-order"},
    )
    assert answer.status_code == 403


def test_an_agent_without_object_rights_is_not_there(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    quant = sign_in("quant")
    GroupObjectPermission.objects.filter(permission__codename="operate_agent").delete()
    assert quant.post("agents/one/pause/", {"reason": REASON}).status_code == 403
    GroupObjectPermission.objects.all().delete()
    assert quant.get("agents/").json() == []
    assert quant.get("agents/one/").status_code == 404
    assert quant.post("agents/one/pause/", {"reason": REASON}).status_code == 404
    assert quant.get("runs/?agent=one").status_code == 404
    assert Agent.objects.get(slug="one").state == "active"


def test_a_training_that_deploys_needs_the_right_to_deploy(
    floor: Floor, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.pupil()
    monkeypatch.setitem(rights.RIGHTS, "agent.deploy", frozenset({"admin"}))
    quant = sign_in("quant")
    assert quant.post("agents/eurusd-ppo/train/", {"deploy": True}).status_code == 403
    assert quant.post("agents/eurusd-ppo/train/", {"deploy": False}).status_code == 202
    assert TrainingRun.objects.get().config == {"steps": 60_000, "seeds": 3}
