"""`python -m webapp.cli` is `winnow`."""

from __future__ import annotations

from webapp.cli import main

if __name__ == "__main__":  # a worker process imports this file too
    main()
