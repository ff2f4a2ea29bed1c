"""A desk in Prometheus' text format. Labels are states and outcomes alone: no names, no ids, nothing of a payload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from signoff.database.numbers import Numbers

_APPLY = Histogram(
    "signoff_apply_seconds",
    "Seconds from taking a decision to its outcome, in this process",
    ["outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
    registry=None,
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is measured at one moment; ``numbers`` is None when the desk's database does not answer."""

    numbers: Numbers | None
    executors: int
    unserved: int
    applying: int
    scan_lag: float | None
    scan_seconds: float


def timed(outcome: str, seconds: float) -> None:
    """Count how long a decision took in this process."""
    _APPLY.labels(outcome).observe(seconds)


def exposition(reading: Reading) -> bytes:
    """Return the metrics as text."""
    registry = CollectorRegistry()
    registry.register(_Desk(reading))
    registry.register(_APPLY)
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Desk(Collector):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the desk, then those of this process."""
        reading = self._reading
        yield _gauge("signoff_desk_up", "1 when the desk's database answers", reading.numbers is not None)
        if reading.numbers is not None:
            yield from _of_desk(reading, reading.numbers)
        yield _gauge("signoff_applying", "Decisions that this process is applying", reading.applying)
        if reading.scan_lag is not None:
            yield _gauge(
                "signoff_scan_lag_seconds", "Seconds since this process's last complete scan", reading.scan_lag
            )
            yield _gauge("signoff_scan_seconds", "Duration of that scan", reading.scan_seconds)


def _of_desk(reading: Reading, numbers: Numbers) -> Iterator[Metric]:
    states = GaugeMetricFamily("signoff_reviews_open", "Open reviews by state", labels=["state"])
    for state, count in numbers.open.items():
        states.add_metric([state.value], count)
    yield states
    yield _gauge("signoff_oldest_open_review_seconds", "Age of the review that has been open longest", numbers.oldest)
    ended = CounterMetricFamily("signoff_decisions", "Decisions that have their outcome", labels=["outcome"])
    for outcome, count in numbers.outcomes.items():
        if outcome.final:
            ended.add_metric([outcome.value], count)
    yield ended
    yield _gauge("signoff_engine_backlog", "Decisions on record that no engine has begun", numbers.backlog)
    yield _gauge("signoff_engine_running", "Decisions that engines are applying", numbers.running)
    yield _gauge("signoff_engine_unserved", "Undecided decisions whose graph no living engine has", reading.unserved)
    yield _gauge("signoff_executors_alive", "Engines that are alive", reading.executors)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=float(value))
