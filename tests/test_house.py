"""The rooms of the house stay apart: which module may import which, and what belongs to one file alone.

Each rule is a function from a tree to what breaks it. Every rule is held against this tree, and is shown to be able
to fail on a small made-up one.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STAGES = {"learning", "features", "model", "labelling", "blocks", "matching", "reuse", "cleaning", "metadata"}
ROOMS = {"reading", "engine", "training"}

# What each kind of module of the engine may import, beside itself. Whatever is no stage and no room is a leaf.
MAY_IMPORT = {
    "face": {"pipeline", "stage", "leaf", "reading", "engine"},
    "pipeline": {"stage", "leaf", "engine"},
    "training": {"pipeline", "stage", "leaf", "reading", "engine", "training"},
    "reading": {"reading", "leaf"},
    "engine": {"engine", "leaf"},
    "stage": {"leaf"},
    "leaf": {"leaf"},
}

SQL_ROOM = "webapp/store/"
ENVIRONMENT_FILES = {"webapp/config.py"}
HTMX_FILES = {"webapp/htmx.py"}
WORKER_FILES = {"webapp/jobs.py", "webapp/server.py"}
VAGUE_NAMES = {"utils", "util", "helpers", "common", "misc"}

WORKER_MODULES = {"multiprocessing", "concurrent", "subprocess", "_thread", "asyncio"}
WORKER_STARTS = {"Thread", "Timer", "fork", "forkpty", "system", "popen", "posix_spawn"}
NOT_THE_ENGINES = {"flask", "werkzeug", "jinja2", "sqlalchemy", "sqlite3", "click", "waitress", "time", "datetime"}
SQL = re.compile(r"\s*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+TABLE\s|PRAGMA\s)")


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its path from the root as written in the rules, and its syntax tree."""

    name: str
    path: str
    tree: ast.Module


def modules(root: Path) -> dict[str, Module]:
    """Every module of both packages, by name; a package is named like its folder."""
    found = {}
    for file in sorted(path for package in ("detect", "webapp") for path in (root / package).rglob("*.py")):
        path = file.relative_to(root)
        name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        found[name] = Module(name, path.as_posix(), ast.parse(file.read_text(encoding="utf-8")))
    return found


def imports(module: Module, known: Mapping[str, Module], *, for_types: bool = True) -> Iterator[str]:
    """The names of the modules that a module imports anywhere in it; `for_types`: those for the type checker too."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not for_types:
            skipped.update(inner for child in node.body for inner in ast.walk(child))
        elif isinstance(node, ast.Import) and node not in skipped:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node not in skipped:
            source = node.module or ""
            if node.level:
                package = module.name.split(".") if module.path.endswith("__init__.py") else module.name.split(".")[:-1]
                base = package[: len(package) - node.level + 1]
                source = ".".join([*base, source]) if source else ".".join(base)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in known else source


def kind_of(name: str) -> str:
    """What a module of the engine is: a key of MAY_IMPORT."""
    parts = name.split(".")
    if len(parts) == 1:
        return "face"
    if parts[1] == "pipeline" or parts[1] in ROOMS:
        return parts[1]
    return "stage" if parts[1] in STAGES else "leaf"


def wrong_arrows_in_the_engine(root: Path) -> list[str]:
    known = modules(root)
    return [
        f"{name} imports {target}"
        for name, module in known.items()
        if name.split(".")[0] == "detect"
        for target in imports(module, known)
        if target.split(".")[0] == "webapp"
        or (target.split(".")[0] == "detect" and target != name and kind_of(target) not in MAY_IMPORT[kind_of(name)])
    ]


def reaches_behind_the_face(root: Path) -> list[str]:
    known = modules(root)
    inner = {name.split(".")[1] for name in known if name.startswith("detect.")}
    wrong = []
    for name, module in known.items():
        if name.split(".")[0] != "webapp":
            continue
        wrong += [f"{name} imports {target}" for target in imports(module, known) if target.startswith("detect.")]
        wrong += [
            f"{name} reads detect.{node.attr}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "detect"
            and node.attr in inner - verbs(known)
        ]
    return wrong


def verbs(known: Mapping[str, Module]) -> set[str]:
    """The names that the face offers."""
    face = known.get("detect")
    if face is None:
        return set()
    return {
        alias.asname or alias.name
        for node in ast.walk(face.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def circles(root: Path) -> list[str]:
    known = modules(root)
    graph = {
        name: {target for target in imports(module, known, for_types=False) if target in known and target != name}
        for name, module in known.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def things_the_engine_has_no_use_for(root: Path) -> list[str]:
    known = modules(root)
    return [
        f"{name} imports {target}"
        for name, module in known.items()
        if name.startswith("detect") and kind_of(name) != "engine"
        for target in imports(module, known)
        if target.split(".")[0] in NOT_THE_ENGINES
    ]


def sql_outside_the_store(root: Path) -> list[str]:
    known = modules(root)
    return [
        module.path
        for module in known.values()
        if not module.path.startswith(SQL_ROOM)
        and (
            any(target.split(".")[0] in {"sqlalchemy", "sqlite3"} for target in imports(module, known))
            or any(SQL.match(text) for text in strings(module))
        )
    ]


def threads_elsewhere(root: Path) -> list[str]:
    """A lock starts nothing and may stand anywhere; what starts a thread or a process may not."""
    known = modules(root)
    return [
        module.path
        for module in known.values()
        if module.path not in WORKER_FILES and not module.path.startswith("detect/engine/")
        if any(target.split(".")[0] in WORKER_MODULES for target in imports(module, known))
        or any(name in WORKER_STARTS for name in names_from(module, {"threading", "os"}))
    ]


def htmx_headers_elsewhere(root: Path) -> list[str]:
    known = modules(root)
    return [
        module.path
        for module in known.values()
        if module.path not in HTMX_FILES
        and ("flask_htmx" in imports(module, known) or any(text.startswith("HX-") for text in strings(module)))
    ]


def environment_elsewhere(root: Path) -> list[str]:
    return [
        module.path
        for module in modules(root).values()
        if module.path not in ENVIRONMENT_FILES
        and {"environ", "environb", "getenv", "putenv"} & set(names_from(module, {"os"}))
    ]


def names_that_say_nothing(root: Path) -> list[str]:
    return [module.path for module in modules(root).values() if Path(module.path).stem in VAGUE_NAMES]


def strings(module: Module) -> Iterator[str]:
    """Every string constant of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def names_from(module: Module, sources: set[str]) -> Iterator[str]:
    """What a module uses of some others: `os.environ` and `from os import environ` both give "environ"."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in sources:
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module in sources:
            yield from (alias.name for alias in node.names)


Rule = Callable[[Path], list[str]]
# Each rule with trees that break it: path -> source.
RULES: list[tuple[Rule, list[dict[str, str]]]] = [
    (
        wrong_arrows_in_the_engine,
        [
            {"detect/learning.py": "import webapp.store"},
            {"detect/learning.py": "from detect import cleaning", "detect/cleaning.py": ""},
            {"detect/learning.py": "from detect.cleaning import clean", "detect/cleaning.py": ""},
            {"detect/learning.py": "from .cleaning import clean", "detect/cleaning.py": ""},
            {"detect/learning.py": "def late():\n    import detect.cleaning", "detect/cleaning.py": ""},
            {"detect/words.py": "from detect.learning import learn", "detect/learning.py": ""},
            {"detect/words.py": "from detect import Page", "detect/__init__.py": "from detect.records import Page"},
            {"detect/learning.py": "import detect.reading.html", "detect/reading/html.py": ""},
            {"detect/reading/html.py": "from ..labelling import label", "detect/labelling.py": ""},
            {"detect/pipeline.py": "import detect.training.fit", "detect/training/fit.py": ""},
        ],
    ),
    (
        reaches_behind_the_face,
        [
            {"webapp/actions.py": "from detect.memory import Memory", "detect/memory.py": ""},
            {"webapp/actions.py": "from detect import memory", "detect/memory.py": ""},
            {"webapp/views/pages.py": "import detect.memory", "detect/memory.py": ""},
            {"webapp/actions.py": "import detect\nprint(detect.memory.Memory)", "detect/memory.py": ""},
        ],
    ),
    (
        circles,
        [
            {"webapp/a.py": "import webapp.b", "webapp/b.py": "import webapp.a"},
            {"webapp/a.py": "from webapp.b import x", "webapp/b.py": "def f():\n    from webapp import a"},
            {"detect/a.py": "import detect.b", "detect/b.py": "import detect.c", "detect/c.py": "from . import a"},
        ],
    ),
    (
        things_the_engine_has_no_use_for,
        [{"detect/words.py": "import flask"}, {"detect/labelling.py": "from datetime import datetime"}],
    ),
    (
        sql_outside_the_store,
        [
            {"webapp/actions.py": "from sqlalchemy import select"},
            {"webapp/migrations.py": "import sqlalchemy"},
            {"webapp/store.py": "import sqlalchemy"},
            {"detect/memory.py": "import sqlite3"},
            {"webapp/views/pages.py": "QUERY = 'SELECT id FROM pages'"},
        ],
    ),
    (
        threads_elsewhere,
        [
            {"webapp/actions.py": "import threading\nthreading.Thread(target=print).start()"},
            {"webapp/actions.py": "from threading import Timer"},
            {"webapp/stages.py": "import threading\nthreading.Thread(target=print).start()"},
            {"detect/learning.py": "from concurrent.futures import ProcessPoolExecutor"},
            {"webapp/views/jobs.py": "import subprocess"},
        ],
    ),
    (
        htmx_headers_elsewhere,
        [
            {"webapp/views/pages.py": "def show(response):\n    response.headers['HX-Trigger'] = 'done'"},
            {"webapp/views/pages.py": "from flask_htmx import HTMX"},
        ],
    ),
    (
        environment_elsewhere,
        [
            {"webapp/store/engine.py": "import os\nprint(os.environ['HOME'])"},
            {"detect/settings.py": "from os import getenv"},
        ],
    ),
    (names_that_say_nothing, [{"webapp/utils.py": ""}, {"detect/reading/helpers.py": ""}]),
]


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES], ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "tree"),
    [pytest.param(rule, tree, id=f"{rule.__name__}-{n}") for rule, trees in RULES for n, tree in enumerate(trees)],
)
def test_the_rule_can_fail(rule, tree, tmp_path):
    write(tmp_path, tree)
    assert rule(tmp_path)


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES], ids=lambda rule: rule.__name__)
def test_the_rule_lets_a_well_built_house_stand(rule, tmp_path):
    write(
        tmp_path,
        {
            "detect/__init__.py": "from detect.pipeline import label\nfrom detect.reading import read",
            "detect/records.py": "",
            "detect/words.py": "from detect.records import Page",
            "detect/labelling.py": "from detect import words\nfrom detect.records import Page",
            "detect/pipeline.py": "from detect import engine, labelling",
            "detect/engine/__init__.py": "import multiprocessing\nimport time\nfrom .pool import run",
            "detect/engine/pool.py": "from detect.records import Page",
            "detect/reading/__init__.py": "from detect.records import Page",
            "webapp/__init__.py": "def create_app():\n    from webapp import actions",
            "webapp/server.py": "import threading\nthreading.Thread()",
            "webapp/actions.py": "import detect\nimport threading\nLOCK = threading.Lock()\ndetect.label",
            "webapp/config.py": "import os\nprint(os.environ)",
            "webapp/htmx.py": "import flask_htmx\nNAME = 'HX-Request'",
            "webapp/store/__init__.py": "from webapp.store.pages import add",
            "webapp/store/pages.py": "import sqlalchemy\nfrom typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from webapp.jobs import Job",
            "webapp/jobs.py": "import threading\nimport webapp.store",
        },
    )
    assert rule(tmp_path) == []


def write(root: Path, tree: dict[str, str]) -> None:
    for path, source in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")


def test_every_stage_in_the_list_that_is_there_is_a_file_of_the_engine():
    assert {"learning", "features", "labelling", "cleaning"} <= {path.stem for path in (ROOT / "detect").glob("*.py")}


def commands(text: str) -> list[str]:
    """The commands of a Markdown text: what stands in its `sh` blocks, each on one line."""
    return [" ".join(block.replace("\\\n", " ").split()) for block in re.findall(r"```sh\n(.*?)```", text, re.S)]


def test_the_first_screen_of_the_readme_has_two_commands_and_ci_runs_the_second():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start, test = commands("\n".join(readme.split("\n")[:40]))
    assert start.endswith(".venv/bin/winnow serve")
    ci = " ".join((ROOT / ".ci" / "run").read_text(encoding="utf-8").replace("\\\n", " ").split())
    assert test in ci


def test_a_command_that_differs_is_seen():
    assert commands("```sh\na && \\\n  b\n```\n```sh\nc\n```") == ["a && b", "c"]
