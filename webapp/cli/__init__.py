"""The command `winnow`: serve the app; clean, learn and find reuse from the command line. A file a command.

The engine and the web framework are imported inside the commands, so that `winnow --help` answers at once.
"""

from __future__ import annotations

import click

from webapp.cli import clean, learn, reuse, serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="winnow")
def main() -> None:
    """Tell content from boilerplate in the text of web pages, with the reason for every mark."""


for command in (serve.command, clean.command, learn.command, reuse.command):
    main.add_command(command)
