"""The market as a Gymnasium environment: `gymnasium.make("mtquant/SingleAsset-v0", market=..., terms=...)`.

Decide on a closed bar, fill at the next bar's opening bid or ask, mark at its close, costs and limits as on
the desk. The same arithmetic as the batch that training steps, bit for bit.
"""

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from apps.agents.domain.observation import HOLDING_COLUMNS
from apps.agents.learning.account import Account
from apps.agents.learning.ground import lay
from apps.agents.learning.market import Terms, TrainingMarket
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import ACTIONS, bounds, first_rows

ID = "mtquant/SingleAsset-v0"

INFO = {
    "row": "index of the closed bar that was seen last",
    "equity": "account money: cash and the position at the price that would close it",
    "cash": "account money without the open position",
    "lots": "signed lots held",
    "costs": "account money paid so far: spread, slippage, commission and swap",
    "traded": "value traded so far in account money",
    "entries": "positions opened so far",
    "level": "the breaker: 0 normal, 1 warning, 2 reducing, 3 halted",
}


class SingleAsset(gym.Env[NDArray[np.float32], np.int64]):
    """Observation: `observation_names` in order, float32. Action: 0 short, 1 flat, 2 long. Info: see INFO.

    `normaliser` is fitted to the market where none is given, so give the training part's for any other.
    `terminated` when the breaker halts the account, `truncated` at the end of the data.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium's own form

    def __init__(
        self, market: TrainingMarket, terms: Terms, *, normaliser: Normaliser | None = None, clip: float = 5.0
    ) -> None:
        normaliser = normaliser or Normaliser.fit(market, clip=clip)
        features = normaliser(market.features)
        self._seen = np.concatenate((features, np.zeros((len(features), 1), np.float32)), axis=1)
        self._account = Account(lay(market, terms))
        self._targets = ACTIONS.tolist()
        self.observation_names = (*market.columns, *HOLDING_COLUMNS)
        space: gym.spaces.Space[Any] = bounds(len(market.columns), normaliser.clip)
        self.observation_space = space
        self.action_space = gym.spaces.Discrete(len(ACTIONS))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin at a random bar, or at `options["row"]`."""
        super().reset(seed=seed)
        row = (options or {}).get("row")
        last = self._account.ground.last_row
        if row is None:
            row = int(self.np_random.integers(0, first_rows(last)))
        elif not 0 <= row <= last:
            raise ValueError(f"row {row} is not one of 0 to {last}")
        self._account.start(row)
        return self._observe(), self._info()

    def step(self, action: np.int64) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        reward, halted, ended = self._account.step(self._targets[action])
        return self._observe(), reward, halted, ended, self._info()

    def _observe(self) -> NDArray[np.float32]:
        seen: NDArray[np.float32] = self._seen[self._account.row].copy()
        seen[-1] = self._account.held
        return seen

    def _info(self) -> dict[str, Any]:
        account = self._account
        return {
            "row": account.row,
            "equity": account.equity,
            "cash": account.cash,
            "lots": account.lots,
            "costs": account.costs,
            "traded": account.traded,
            "entries": account.entries,
            "level": account.level,
        }


if ID not in gym.registry:
    gym.register(id=ID, entry_point=f"{__name__}:SingleAsset")
