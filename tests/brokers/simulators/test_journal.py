"""The log: numbered, whole batches only."""

from pathlib import Path

import pytest

from apps.brokers.simulators.market.journal import Journal, iso, micros


def written(path: Path) -> Path:
    journal = Journal(path)
    journal.append([{"kind": "a"}], 0)
    journal.append([{"kind": "b"}, {"kind": "c"}], 1_000_000)
    journal.close()
    return path


def test_lines_are_numbered_and_batches_are_marked(tmp_path: Path) -> None:
    lines = Journal(written(tmp_path / "log")).lines
    assert [(row["seq"], row["kind"], row.get("more")) for row in lines] == [
        (1, "a", None),
        (2, "b", True),
        (3, "c", None),
    ]


@pytest.mark.parametrize("torn", [1, 10, 60, 150])
def test_a_torn_tail_is_cut_back_to_the_last_whole_batch(tmp_path: Path, torn: int) -> None:
    path = written(tmp_path / "log")
    path.write_bytes(path.read_bytes()[:-torn])
    journal = Journal(path)
    assert [row["kind"] for row in journal.lines] == ["a"]
    journal.append([{"kind": "d"}], 0)
    assert [row["seq"] for row in Journal(path).lines] == [1, 2]


def test_damage_in_the_middle_is_not_taken_for_a_torn_tail(tmp_path: Path) -> None:
    path = written(tmp_path / "log")
    path.write_bytes(b"{broken\n" + path.read_bytes())
    with pytest.raises(ValueError, match="line 1 is damaged"):
        Journal(path)


async def test_durable_waits_for_the_disk_and_shares_the_flush(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log")
    journal.append([{"kind": "a"}], 0)
    await journal.durable()
    assert (tmp_path / "log").read_text().count("\n") == 1


def test_instants_survive_the_log() -> None:
    assert micros(iso(1_767_571_200_123_456)) == 1_767_571_200_123_456
