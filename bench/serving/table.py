"""What was measured, as tables: each contender, the ratios to this service, and its aims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from bench.serving.load import Load

OURS, STATIC, BARE, BENTO, FLASK = "this service", "static answer", "bare ASGI", "BentoML ONNX", "Flask gunicorn"


class Cost(NamedTuple):
    """One drive, and what it cost the server."""

    load: Load
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor a request."""
        return self.cpu_s * 1e6 / max(self.load.requests, 1)


Costs = Mapping[str, Mapping[int, Sequence[Cost]]]
"""By contender and number of connections: one for each round."""


def rate(costs: Costs, name: str, connections: int) -> float:
    """The median of the rounds, requests a second."""
    return median([cost.load.rate for cost in costs[name][connections]])


def cpu_us(costs: Costs, name: str) -> float:
    """Processor time a request over all connections, the median of the rounds."""
    rounds: list[tuple[Cost, ...]] = list(zip(*costs[name].values(), strict=True))
    return median(
        sum(cost.cpu_s for cost in one) * 1e6 / max(sum(cost.load.requests for cost in one), 1) for one in rounds
    )


def measured(costs: Costs, pss: Mapping[str, int]) -> str:
    """One line a contender."""
    connections = list(next(iter(costs.values())))
    head = [f"{name:>9}" for count in connections for name in (f"c{count} rps", "p50 ms", "p99 ms")]
    lines = [f"{'contender':<16}{''.join(head)}{'errors':>8}{'CPU us':>8}{'PSS MB':>8}"]
    for name, of in costs.items():
        cells = []
        for count in connections:
            loads = [cost.load for cost in of[count]]
            cells.append(f"{rate(costs, name, count):>9.0f}")
            cells += [f"{median(ms):>9.2f}" for ms in zip(*((one.p50_ms, one.p99_ms) for one in loads), strict=True)]
        errors = sum(cost.load.errors for rounds in of.values() for cost in rounds)
        lines.append(f"{name:<16}{''.join(cells)}{errors:>8}{cpu_us(costs, name):>8.0f}{pss[name] / 1e6:>8.0f}")
    return "\n".join(lines)


def ratios(costs: Costs) -> str:
    """How many times as many requests this service answers, by connections."""
    lines = []
    for name in costs:
        if name != OURS:
            times = " / ".join(f"{rate(costs, OURS, count) / rate(costs, name, count):.3g}" for count in costs[name])
            lines.append(f"{OURS} / {name:<16} {times}")
    return "\n".join(lines)


def aims(costs: Costs) -> str:
    """The aims of the service that these measurements tell about."""
    found = []
    wanted = [(FLASK, 64, 45.0), (FLASK, 1, 35.0), (BENTO, 64, 9.0), *((BARE, count, 0.85) for count in (1, 8, 64))]
    for name, count, aim in wanted:
        if name in costs and count in costs[OURS]:
            value = rate(costs, OURS, count) / rate(costs, name, count)
            found.append((f"times {name} at {count}", value, f">= {aim:g}", value >= aim))
    if 64 in costs[OURS]:
        p99 = median(cost.load.p99_ms for cost in costs[OURS][64])
        found.append(("p99 at 64, ms", p99, "< 30", p99 < 30))
    if BARE in costs:
        times = cpu_us(costs, OURS) / cpu_us(costs, BARE)
        found.append((f"CPU a request, times {BARE}", times, "< 1.2", times < 1.2))
    return "\n".join(
        f"{name:<32}{value:>9.2f}  aim {aim:<8}{'met' if met else 'MISSED'}" for name, value, aim, met in found
    )
