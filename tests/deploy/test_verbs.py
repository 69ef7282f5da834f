"""`reset`, `doctor` and wrong flags on a var/ without a running desk."""

import io
from pathlib import Path

import pytest

from deploy.desk import doctor, flags, verbs
from deploy.desk.layout import Layout, lock
from deploy.desk.refusal import Refusal


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(root=tmp_path, var=tmp_path / "var")
    made.make()
    (made.cache / "download").write_text("worth keeping")
    (made.var / "run.json").write_text("{}")
    return made


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_reset_moves_the_run_aside_and_keeps_downloads(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "reset\n")
    assert verbs.reset(layout) == 0
    assert (layout.cache / "download").exists()
    assert not layout.run_file.exists()
    assert [path.name for path in layout.var.glob("old/*/run.json")] == ["run.json"]


def test_reset_changes_nothing_without_the_word(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "yes\n")
    with pytest.raises(Refusal, match="nothing was changed"):
        verbs.reset(layout)
    assert layout.run_file.exists()


def test_reset_is_refused_while_the_desk_is_up(layout: Layout) -> None:
    held = lock(layout.lock_file)
    with pytest.raises(Refusal, match="mtquant stop first"):
        verbs.reset(layout)
    assert held is not None
    held.close()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--speed", "0"], "not a number above 0"),
        (["--from", "1 July"], "not a date like 2018-07-01"),
        (["--data", "/no/such/folder"], "does not exist"),
        (["--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_a_wrong_flag_gets_one_line_and_exit_code_2(words: list[str], line: str) -> None:
    with pytest.raises(Refusal, match=line) as refusal:
        flags.up_parser().parse_args(words)
    assert refusal.value.exit_code == 2
    assert "\n" not in str(refusal.value)


def test_the_doctor_names_caps_that_stop_or_misguide_the_gate(layout: Layout) -> None:
    caps = layout.gate / "caps.json"
    assert list(doctor.caps(layout)) == []
    caps.write_text(caps.read_text().replace('"50"', '"-1"'))
    assert "max_order_lots must be above 0" in next(doctor.caps(layout))
    caps.write_text("{")
    assert "cannot be read" in next(doctor.caps(layout))


def test_the_doctor_names_files_that_others_can_read(layout: Layout) -> None:
    layout.env_file.write_text("MTQ_SECRET_KEY=x\n")
    layout.env_file.chmod(0o644)
    assert [line for line in doctor.ownership(layout) if "desk.env can be read by others" in line]


def test_the_doctor_names_a_cluster_of_another_version(layout: Layout) -> None:
    data = layout.var / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    layout.run_file.unlink()
    assert "written by PostgreSQL 16" in next(doctor.data_versions(layout))
