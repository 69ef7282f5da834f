"""One var/ holds one run."""

from pathlib import Path

import pytest

from deploy.desk.refusal import Refusal
from deploy.desk.run_file import Wishes, settle


def test_a_newcomer_gets_the_synthetic_market_at_speed_60(tmp_path: Path) -> None:
    run = settle(tmp_path / "run.json", Wishes())
    assert (run.data, run.speed) == ((), 60.0)


def test_the_next_start_goes_on_with_the_same_run(tmp_path: Path) -> None:
    first = settle(tmp_path / "run.json", Wishes(data=("/bars",), start="2018-07-01", seed=5, speed=3600))
    assert settle(tmp_path / "run.json", Wishes()) == first


def test_another_speed_is_allowed_and_kept(tmp_path: Path) -> None:
    settle(tmp_path / "run.json", Wishes(speed=60))
    assert settle(tmp_path / "run.json", Wishes(speed=600)).speed == 600
    assert settle(tmp_path / "run.json", Wishes()).speed == 600


@pytest.mark.parametrize(
    "other", [Wishes(data=("/others",)), Wishes(data=("/bars",), start="2019-01-01"), Wishes(seed=6)]
)
def test_other_bars_start_or_seed_are_refused_with_a_way_out(tmp_path: Path, other: Wishes) -> None:
    settle(tmp_path / "run.json", Wishes(data=("/bars",), start="2018-07-01", seed=5))
    with pytest.raises(Refusal, match="mtquant reset"):
        settle(tmp_path / "run.json", other)


def test_a_start_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="--from needs --data"):
        settle(tmp_path / "run.json", Wishes(start="2018-07-01"))


def test_a_run_whose_first_start_failed_may_be_wished_anew(tmp_path: Path) -> None:
    settle(tmp_path / "run.json", Wishes(data=("/mistyped",)))
    assert settle(tmp_path / "run.json", Wishes(data=("/bars",)), begun=False).data == ("/bars",)


@pytest.mark.parametrize(
    ("written", "said"),
    [('{"version": 2}', "another release"), ('{"version": 1}', "is damaged"), ("[]", "damaged")],
)
def test_a_run_that_this_release_cannot_read_is_refused_in_a_line(
    tmp_path: Path, written: str, said: str
) -> None:
    (tmp_path / "run.json").write_text(written)
    with pytest.raises(Refusal, match=said):
        settle(tmp_path / "run.json", Wishes())


def test_another_zone_of_the_files_is_another_run(tmp_path: Path) -> None:
    first = settle(tmp_path / "run.json", Wishes(data=("/bars",), zone="NY+7"))
    assert settle(tmp_path / "run.json", Wishes()) == first
    with pytest.raises(Refusal, match=r"\./mtquant reset"):
        settle(tmp_path / "run.json", Wishes(zone="Europe/Athens"))
