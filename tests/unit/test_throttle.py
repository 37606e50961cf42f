"""The token bucket: never faster than Amazon allows, and not much slower."""

import pytest
from amazon_api.errors import RateLimited
from amazon_api.throttle import SAFETY_RATE, MemoryLimiter, bucket, reserve
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


def test_a_full_bucket_gives_its_burst_less_one_for_safety_then_one_per_interval():
    clock = Clock()
    limiter = MemoryLimiter(clock)
    waits = [limiter.acquire('searchOrders', 0.5, 20, patience=100) for _request in range(21)]
    assert waits[:19] == [0] * 19
    assert waits[19] == pytest.approx(2 / SAFETY_RATE) and waits[20] == pytest.approx(4 / SAFETY_RATE)


def test_a_long_wait_is_refused_with_its_end_and_takes_no_place():
    clock = Clock()
    limiter = MemoryLimiter(clock)
    for _request in range(19):
        limiter.acquire('searchOrders', 0.0056, 20, patience=10)
    for _attempt in range(3):
        with pytest.raises(RateLimited) as caught:
            limiter.acquire('searchOrders', 0.0056, 20, patience=10)
        assert caught.value.until.timestamp() == pytest.approx(clock.now + 1 / 0.0056 / SAFETY_RATE, abs=1)


def test_a_faster_rate_named_by_amazon_shortens_the_wait_at_once():
    clock = Clock()
    limiter = MemoryLimiter(clock)
    for _request in range(19):
        limiter.acquire('searchOrders', 0.0056, 20, patience=10)
    limiter.learn('searchOrders', 5.6, 0.0056)
    assert limiter.acquire('searchOrders', 0.0056, 20, patience=10) == pytest.approx(1 / 5.6 / SAFETY_RATE, rel=0.01)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.sampled_from([(0.5, 30), (2, 10), (5, 5), (1, 1)]))
def test_amazons_own_bucket_never_overflows(gaps, limits):
    """Whatever the rhythm of requests, a token bucket of the full size and rate admits each one at its time."""
    rate, burst = limits
    interval, capacity = bucket(rate, burst)
    now, tat, tokens, last = 0.0, 0.0, float(burst), 0.0
    for gap in gaps:
        now += gap
        tat, wait = reserve(tat, now, interval, capacity, patience=float('inf'))
        sent = now + wait
        tokens = min(burst, tokens + (sent - last) * rate) - 1
        assert tokens >= -1e-9
        last = sent
