"""``GET /metrics``: what came in, what came of it, and what waits, for Prometheus.

The counts are those of all processes and machines, so it does not matter which receiver is asked.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import structlog
from flask import Blueprint, Response, abort
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from automation.store.counters import STEPS
from automation.store.figures import Figures

log = structlog.get_logger("handshake")

STATES = ("ready", "running", "parked")


class _Counted(NamedTuple):
    """What the counters calls it, what Prometheus calls it (without ``_total``), and what it is.

    https://prometheus.io/docs/practices/naming/
    """

    name: str
    metric: str
    says: str
    labels: tuple[str, ...]


# Labels hold words of ours and the names of rules: few, and nothing of deals, customers or people.
_COUNTERS = (
    _Counted("received", "handshake_received", "Deliveries stored, and new", ("source",)),
    _Counted("repeated", "handshake_repeated", "Deliveries that were stored before", ("source",)),
    _Counted("refused", "handshake_refused", "Deliveries answered 4xx", ("source", "reason")),
    _Counted("dropped", "handshake_dropped", "Deliveries that can never matter", ("source", "reason")),
    _Counted("not stored", "handshake_not_stored", "Deliveries answered 503", ("source",)),
    _Counted("read", "handshake_read", "Deliveries by how they were read", ("source", "reading")),
    _Counted("decisions", "handshake_rule_evaluations", "Rules that met an event", ("rule", "outcome")),
    _Counted("overrides", "handshake_overrides", "Dates let stand without product's yes", ("system",)),
    _Counted("reconciles", "handshake_reconciles", "Looks at issues that ended", ("system", "result")),
    _Counted("effects", "handshake_effects", "Writes to the outside that ended", ("effect", "result")),
    _Counted("calls", "handshake_upstream_calls", "Calls that were answered", ("system", "method", "status")),
)


class _Stored(Collector):
    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures()
        counted = figures.counted
        for counter in _COUNTERS:
            family = CounterMetricFamily(counter.metric, counter.says, labels=counter.labels)
            for labels, value in counted.get(counter.name, {}).items():
                family.add_metric(labels[: len(counter.labels)], value)  # without what is always empty
            yield family
        jobs = [(state, figures.jobs.get(state, 0)) for state in STATES]
        yield _gauge("handshake_jobs", "Jobs that are not done, by state", "state", jobs)
        oldest = "Seconds that the oldest job has been due, without those that are parked"
        yield GaugeMetricFamily("handshake_oldest_job_age_seconds", oldest, figures.oldest)
        yield GaugeMetricFamily("handshake_workers", "Workers that are alive", figures.workers)
        says = "1 where a system may be asked now, 0 while it is shut"
        yield _gauge("handshake_system_open", says, "system", figures.open.items())
        quota = [(system, left) for (system,), left in counted.get("quota", {}).items()]
        says = "Calls that a system will still answer in this period, as it said last"
        yield _gauge("handshake_upstream_quota_left", says, "system", quota)
        yield _restores(counted)


def _gauge(name: str, says: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=(label,))
    for key, value in values:
        family.add_metric((key,), value)
    return family


def _restores(counted: Mapping[str, Mapping[tuple[str, ...], float]]) -> HistogramMetricFamily:
    """https://prometheus.io/docs/concepts/metric_types/#histogram: each bucket has all the smaller ones."""
    steps = {float(step): count for (step,), count in counted.get("restore", {}).items()}
    buckets = [
        (str(step), sum(count for at, count in steps.items() if at <= step))
        for step in (*map(float, STEPS), float("inf"))
    ]
    return HistogramMetricFamily(
        "handshake_restore_seconds",
        "Seconds from receiving a delivery to putting a deadline back",
        buckets=[(step.replace("inf", "+Inf"), count) for step, count in buckets],
        sum_value=counted.get("restore seconds", {}).get((), 0.0),
    )


def create_blueprint(figures: Callable[[], Figures]) -> Blueprint:
    """Return the route. ``figures`` is asked at each scrape."""
    blueprint = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(_Stored(figures))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        try:
            text = generate_latest(registry)
        except Exception as error:  # Prometheus then shows us as down
            log.error("metrics", error=f"{type(error).__name__}: {error}")
            abort(503, "The figures cannot be read just now. Please see /readyz for what is wrong.")
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    return blueprint
