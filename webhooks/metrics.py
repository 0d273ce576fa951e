"""``GET /metrics``: what came in, how it was read, and what waits, for Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Counts:
    """Asked at each scrape. ``deliveries``: stored ones by (source, how they were read: triggers, ignored,
    unsupported, malformed, refused, or "" for not yet); ``jobs``: those not done, by state."""

    deliveries: Callable[[], Mapping[tuple[str, str], int]] = dict
    jobs: Callable[[], Mapping[str, int]] = dict


class _Stored(Collector):
    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        deliveries = GaugeMetricFamily(
            "handshake_deliveries", "Stored deliveries by how they were read", labels=("source", "reading")
        )
        for (source, reading), count in self._counts.deliveries().items():
            deliveries.add_metric((source, reading or "waiting"), count)
        yield deliveries
        jobs = GaugeMetricFamily("handshake_jobs", "Jobs that are not done, by state", labels=("state",))
        for state, count in self._counts.jobs().items():
            jobs.add_metric((state,), count)
        yield jobs


def create_blueprint(counts: Counts) -> Blueprint:
    """Return the route."""
    blueprint = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(_Stored(counts))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint
