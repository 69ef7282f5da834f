"""Token buckets: how fast a source or an account may ask. Desk time fills them, a step back does not."""

from datetime import datetime, timedelta
from decimal import Decimal

from apps.risk.domain.surroundings import Bucket

ONE = Decimal(1)
MICROSECONDS = Decimal(1_000_000)


def take(bucket: Bucket | None, *, now: datetime, rate: Decimal, burst: Decimal) -> tuple[bool, Bucket]:
    """Take one token: tell whether there was one, and return the bucket as it is after.

    `rate` is tokens per second of desk time, `burst` the most that it holds; a new bucket is full. Where
    less than one token is left nothing is taken, and what has been refilled stays. A clock that steps back
    refills nothing, and the time that it then runs again is not counted twice. Raise ValueError for a rate
    or burst that is no positive number.
    """
    if not (rate.is_finite() and burst.is_finite()) or rate <= 0 or burst <= 0:
        raise ValueError(f"a throttle of {rate} a second and {burst} at once")
    full = filled(bucket, now=now, rate=rate, burst=burst)
    allowed = full.tokens >= ONE
    return allowed, Bucket(tokens=full.tokens - ONE if allowed else full.tokens, filled_at=full.filled_at)


def filled(bucket: Bucket | None, *, now: datetime, rate: Decimal, burst: Decimal) -> Bucket:
    """Return the bucket as time alone leaves it."""
    if bucket is None:
        return Bucket(tokens=burst, filled_at=now)
    apart = max(now - bucket.filled_at, timedelta(0))
    seconds = Decimal(apart // timedelta(microseconds=1)) / MICROSECONDS
    tokens = min(burst, bucket.tokens + seconds * rate)
    return Bucket(tokens=tokens, filled_at=max(now, bucket.filled_at))
