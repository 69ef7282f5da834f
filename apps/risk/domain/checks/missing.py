"""What a check may lack, and the code that denies by it: what cannot be judged does not pass."""

from apps.portfolio.domain.tariffs import NoTariff
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.domain.limits import MissingLimit
from apps.risk.domain.packs import NoClass, NoPack


class Missing(LookupError):  # noqa: N818 - it says that something is missing
    """A check lacks what it needs. `reason` is the code of the denial."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


REASONS: tuple[tuple[type[Exception], str], ...] = (
    (NoRate, "no_rate"),
    (NoMark, "no_mark"),
    (MissingLimit, "no_limit"),
    (NoClass, "no_class"),
    (NoPack, "no_pack"),
    (NoTariff, "no_tariff"),
)


def reason_of(error: Exception) -> str:
    """Return the code for what is missing; empty where the error tells of a fault in the check itself."""
    if isinstance(error, Missing):
        return error.reason
    return next((code for kind, code in REASONS if isinstance(error, kind)), "")
