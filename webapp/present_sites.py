"""Sites that share text, to a picture: a circle of them with lines between, and who was first in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from webapp.records import SiteGraph, SiteLink, SiteNode

NODES = 40  # sites that a circle tells apart


@dataclass(frozen=True, slots=True)
class Node:
    """A site on the circle: its number in the table, where it stands, how large; `anchor` as SVG's text-anchor."""

    number: int
    site: SiteNode
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """Two sites that share text: a line between them, broader and stronger with more clusters they share."""

    link: SiteLink
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    opacity: float


@dataclass(frozen=True, slots=True)
class Circle:
    """The sites that share most, on a circle 600 units wide in a picture of 1,000 by 700; `left_out` are not shown."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    numbers: dict[str, int]
    left_out: int


def circle(graph: SiteGraph) -> Circle:
    """The sites of a graph on a circle, the NODES strongest of them; sites in every table have the same number."""
    strength: dict[str, int] = {node.site: 0 for node in graph.nodes}
    for link in graph.links:
        for site in (link.a, link.b):
            strength[site] = strength.get(site, 0) + link.clusters
    ranked = sorted(graph.nodes, key=lambda node: (-strength[node.site], -node.shared, node.site))
    numbers = {node.site: i for i, node in enumerate(ranked, 1)}
    shown = ranked[:NODES]
    most_pages = max((node.pages for node in shown), default=1) or 1
    most = max((link.clusters for link in graph.links), default=1) or 1
    nodes = {node.site: _node(node, i, len(shown), numbers[node.site], most_pages) for i, node in enumerate(shown)}
    lines = tuple(
        Line(
            link,
            nodes[link.a].x,
            nodes[link.a].y,
            nodes[link.b].x,
            nodes[link.b].y,
            round(1 + 9 * link.clusters / most, 1),
            round(0.25 + 0.65 * link.clusters / most, 2),
        )
        for link in reversed(graph.links)  # the strongest last, on top
        if link.a in nodes and link.b in nodes
    )
    return Circle(tuple(nodes.values()), lines, numbers, len(ranked) - len(shown))


def _node(site: SiteNode, i: int, count: int, number: int, most_pages: int) -> Node:
    angle = 2 * math.pi * i / max(count, 1) - math.pi / 2
    across, down = math.cos(angle), math.sin(angle)
    radius = 13 + 15 * math.sqrt(site.pages / most_pages) * (1 if count <= 20 else 0.3)
    anchor: Literal["start", "middle", "end"] = "middle" if abs(across) < 0.2 else "start" if across > 0 else "end"
    out = 270 + radius + (26 if anchor == "middle" else 14)  # at the top and the bottom names stand beside one another
    return Node(
        number,
        site,
        round(500 + 270 * across, 1),
        round(350 + 270 * down, 1),
        round(radius, 1),
        round(500 + out * across, 1),
        round(350 + out * down + (0 if abs(down) < 0.6 else 6 * down), 1),
        anchor,
    )


def direction(link: SiteLink) -> str:
    """Which of two sites had their text first, in words."""
    unknown = link.clusters - link.a_first - link.b_first
    a, b = link.a or "no site", link.b or "no site"
    told = [f"{name} first in {times:,}" for name, times in ((a, link.a_first), (b, link.b_first)) if times]
    if not told:
        return "dates do not tell"
    if unknown > 0:
        told.append(f"not known in {unknown:,}")
    return ", ".join(told)
