"""A loop of the gateway goes on after any error, and more slowly while the error lasts."""

import asyncio

from apps.brokers.gateway.edge import LONGEST_PAUSE_S, Loop


async def test_a_loop_goes_on_after_an_error() -> None:
    stop = asyncio.Event()
    seen: list[int] = []

    async def step() -> None:
        seen.append(len(seen))
        if len(seen) == 1:
            raise OSError("the server is away")
        stop.set()

    await Loop(name="test", step=step, every_s=0.01, stop=stop).run()
    assert seen == [0, 1]


async def test_each_failure_in_a_row_doubles_the_pause_up_to_a_bound() -> None:
    loop = Loop(name="test", step=asyncio.sleep, every_s=1.0, stop=asyncio.Event())  # type: ignore[arg-type]
    pauses = []
    for loop.failures in range(5):
        pauses.append(loop.pause_s)
    assert pauses == [1.0, 2.0, 4.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


async def test_a_waking_call_cuts_the_wait_short() -> None:
    stop, first = asyncio.Event(), asyncio.Event()
    steps = []

    async def step() -> None:
        steps.append(1)
        first.set()
        if len(steps) == 2:
            stop.set()

    loop = Loop(name="test", step=step, every_s=60.0, stop=stop)
    running = asyncio.create_task(loop.run())
    await first.wait()
    loop.wake.set()
    await asyncio.wait_for(running, 5)
    assert len(steps) == 2
