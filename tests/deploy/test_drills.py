"""Campaigns are commands of their own; here each is played once, as short as it can be."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_as_many_win_a_race_as_there_is_room_for() -> None:
    command = [str(ROOT / "mtquant"), "drill", "races", "--quick", "--json"]
    played = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert played.returncode == 0, played.stderr + played.stdout
    told = json.loads(played.stdout)
    assert (told["missed"], told["no_verdict"], told["trips"]) == ([], 0, 6)
    assert told["rounds"] >= 10
    assert told["approved"] > told["rounds"]
