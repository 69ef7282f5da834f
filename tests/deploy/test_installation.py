"""What the installer and the layout promise without touching a network."""

import hashlib
import json
import socket
import stat
from pathlib import Path

import pytest

from deploy.desk import addresses, envfile, prepared
from deploy.desk.artifacts import questdb_jar
from deploy.desk.installer import fingerprint, install_apart, is_current
from deploy.desk.layout import Layout, is_locked, lock
from deploy.desk.refusal import Refusal
from deploy.desk.run_file import Wishes, settle
from deploy.desk.servers import Postgres


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    root = tmp_path / "a desk"
    for folder in (".venv", "requirements", "apps", "mtquant_site"):
        (root / folder).mkdir(parents=True)
    (root / "requirements" / "base.txt").write_text("django==5.2.19\n")
    made = Layout(root=root, var=root / "var")
    made.make()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_gate_gets_paper_caps_that_only_the_owner_reads(layout: Layout) -> None:
    caps = json.loads((layout.gate / "caps.json").read_text())
    assert caps["max_order_lots"] == "50"
    assert (mode(layout.gate), mode(layout.gate / "caps.json")) == (0o700, 0o600)


def test_caps_that_are_there_stay(layout: Layout) -> None:
    (layout.gate / "caps.json").write_text("{}")
    layout.make()
    assert (layout.gate / "caps.json").read_text() == "{}"


def test_a_lock_is_current_until_its_text_changes(layout: Layout) -> None:
    assert not is_current(layout, "base")
    (layout.venv / "mtquant-base.stamp").write_text(fingerprint(layout, "base"))
    assert is_current(layout, "base")
    (layout.root / "requirements" / "base.txt").write_text("django==5.2.20\n")
    assert not is_current(layout, "base")


def test_an_environment_apart_that_holds_its_lock_is_left_as_it_is(layout: Layout) -> None:
    (layout.root / "requirements" / "apart.txt").write_text("arch==8.0.0\n")
    home = layout.cache / "apart"
    home.mkdir()
    (home / "mtquant-apart.stamp").write_text(fingerprint(layout, "apart"))
    assert install_apart(layout, "apart", print) == home / "bin" / "python"


def test_prepare_runs_again_when_code_or_addresses_change(layout: Layout) -> None:
    prepared.remember(layout, {"DATABASE_URL": "a"})
    assert prepared.is_current(layout, {"DATABASE_URL": "a"})
    assert not prepared.is_current(layout, {"DATABASE_URL": "b"})
    (layout.root / "apps" / "new.py").write_text("x = 1\n")
    assert not prepared.is_current(layout, {"DATABASE_URL": "a"})


def test_a_jar_with_another_hash_is_removed_and_refused(tmp_path: Path) -> None:
    jar = tmp_path / "questdb-9.3.4.jar"
    jar.write_bytes(b"not what was pinned")
    with pytest.raises(Refusal, match="hash mismatch"):
        questdb_jar(tmp_path)
    assert not jar.exists()


def test_a_jar_with_the_pinned_hash_is_used_without_a_network(tmp_path: Path) -> None:
    jar = tmp_path / "questdb-9.3.4.jar"
    jar.write_bytes(b"pinned")
    assert questdb_jar(tmp_path, expected=hashlib.sha256(b"pinned").hexdigest()) == jar


def test_the_environment_file_is_the_owners_alone_and_keeps_values_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "desk.env"
    envfile.write(path, {"MTQ_VAR": "/home/a b/var", "QUESTDB_CONF": "http::addr=127.0.0.1:1;password=x=;"})
    assert mode(path) == 0o600
    assert envfile.read(path)["QUESTDB_CONF"].endswith("password=x=;")
    environ = {"MTQ_VAR": "/mine"}
    envfile.fill(environ, path)
    assert environ["MTQ_VAR"] == "/mine"


def test_addresses_stay_from_start_to_start(layout: Layout) -> None:
    run = settle(layout.run_file, Wishes())
    first = addresses.choose(layout, run, given={}, say=print)
    envfile.write(layout.env_file, first.env)
    assert addresses.choose(layout, run, given={}, say=print).env == first.env


def test_a_busy_port_is_left_and_named(layout: Layout) -> None:
    run = settle(layout.run_file, Wishes())
    first = addresses.choose(layout, run, given={}, say=print)
    envfile.write(layout.env_file, first.env)
    lines: list[str] = []
    port = int(first.env["MTQ_WEB_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        again = addresses.choose(layout, run, given={}, say=lines.append)
    assert again.env["MTQ_WEB_PORT"] != str(port)
    assert lines == [f"port {port} is busy: web takes {again.env['MTQ_WEB_PORT']}"]


def test_an_address_of_the_users_own_replaces_the_embedded_server(layout: Layout) -> None:
    run = settle(layout.run_file, Wishes())
    given = {
        "REDIS_URL": "redis://10.0.0.5:6379/0",
        "QUESTDB_CONF": "http::addr=10.0.0.6:9000;username=u;password=p;",
    }
    chosen = addresses.choose(layout, run, given=given, say=print)
    assert [server.name for server in chosen.servers] == ["postgres"]
    assert chosen.env["QUESTDB_PG"] == "postgres://u:p@10.0.0.6:8812/qdb"


def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(Refusal, match="written by PostgreSQL 16, this desk runs 18"):
        Postgres(home=tmp_path, port=1, password="x").initialise()


def test_a_stale_pid_of_an_unrelated_process_does_not_block_the_cluster(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18\n")
    (tmp_path / "data" / "postmaster.pid").write_text("1\n/elsewhere\n")
    Postgres(home=tmp_path, port=1, password="x").initialise()
    assert not (tmp_path / "data" / "postmaster.pid").exists()


def test_only_one_may_hold_the_desk(tmp_path: Path) -> None:
    held = lock(tmp_path / "desk.lock")
    assert held is not None
    assert lock(tmp_path / "desk.lock") is None
    held.close()
    assert not is_locked(tmp_path / "desk.lock")
