"""What several commands take, said in one way."""

from __future__ import annotations

from pathlib import Path

import click

inputs = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
memories = click.option(
    "--memory", "memories", multiple=True, type=click.Path(path_type=Path), help="What was learned before."
)
no_learn = click.option(
    "--no-learn", is_flag=True, help="Go by the memory files alone; without any, by each page alone."
)
site_from = click.option(
    "--site-from",
    type=click.Choice(["auto", "url", "folder", "none"]),
    default="auto",
    show_default=True,
    help="What tells a page's site. auto: its own 'site', else its address, else its folder.",
)
site = click.option(
    "--site",
    default="",
    help="The site of pages of which nothing else tells it; without it, the name of the INPUT or its folder.",
)
workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes to work with. Without it: one a processor, and one for little input.",
)
resume = click.option("--resume", is_flag=True, help="Go on with a run that was stopped, from where it was.")
engine = click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Where the work is done: on this machine, or on a Spark cluster (see docs/spark.md).",
)
master = click.option("--master", metavar="URL", help="The Spark cluster. [default: local[*], Spark on this machine]")
