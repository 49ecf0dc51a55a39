"""Node statuses as Prometheus metrics."""

from collections.abc import Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from irvis.clock import NS_PER_S

from .health import NodeStatus

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(statuses: Sequence[NodeStatus]) -> bytes:
    """The metrics of nodes, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Statuses(statuses))
    return generate_latest(registry)


class _Statuses(Collector):
    def __init__(self, statuses: Sequence[NodeStatus]) -> None:
        self._statuses = statuses

    def collect(self) -> Iterator[Metric]:
        frames = CounterMetricFamily("irvis_frames", "Frames by what was done with them.", labels=["node", "what"])
        dropped = CounterMetricFamily("irvis_dropped", "Frames not used, by reason.", labels=["node", "reason"])
        rate = GaugeMetricFamily("irvis_fps", "Frames per second lately.", labels=["node"])
        latency = GaugeMetricFamily(
            "irvis_latency_seconds", "Latency of the node's frames.", labels=["node", "quantile"]
        )
        up = GaugeMetricFamily("irvis_up", "1 for the state that a node is in.", labels=["node", "state"])
        said = GaugeMetricFamily("irvis_said_timestamp_seconds", "When the node last said so.", labels=["node"])
        for status in self._statuses:
            for what, count in status.counts.items():
                frames.add_metric([status.node, what], count)
            for reason, count in status.dropped.items():
                dropped.add_metric([status.node, reason], count)
            for name, value_ms in status.latency_ms.items():
                latency.add_metric([status.node, f"0.{name.removeprefix('p')}"], value_ms / 1000)
            rate.add_metric([status.node], status.fps)
            up.add_metric([status.node, status.state], 1)
            said.add_metric([status.node], status.sent_ns / NS_PER_S)
        yield from (frames, dropped, rate, latency, up, said)
