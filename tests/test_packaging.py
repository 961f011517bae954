"""What is built and pinned: the wheel carries all it needs, and the locks name every package and no place."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = {name: ROOT / name for name in ("requirements.lock", "tests/requirements.lock")}


def pins(lock: Path) -> dict[str, set[str]]:
    """Package -> its pinned versions (several where they differ by Python or system)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.M):
        found.setdefault(name, set()).add(version)
    return found


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_place(lock):
    text = lock.read_text(encoding="utf-8")
    assert "/" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for entry in re.split(r"\n(?=[a-z0-9])", text.strip()):
        assert re.match(r"[a-z0-9.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_holds_what_the_project_and_its_build_ask_for(project):
    asked = wanted(project["project"]["dependencies"] + project["build-system"]["requires"] + ["editables"])
    assert asked <= pins(LOCKS["requirements.lock"]).keys()


def test_the_tests_lock_holds_the_program_at_the_same_versions_and_the_test_tools(project):
    program, tests = pins(LOCKS["requirements.lock"]), pins(LOCKS["tests/requirements.lock"])
    assert {name: tests.get(name) for name in program} == program
    assert wanted(project["project"]["optional-dependencies"]["test"]) <= tests.keys()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with the wheel in it, and around it the packages of this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    places = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", vars=places))
    # A path given this way brings the packages in it, and not what they in turn have put on the path: an editable
    # install of this very tree is left behind.
    (packages / "around.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", vars=places))
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    run(*pip, "install", "-q", "--no-deps", "--no-index", "--force-reinstall", "--ignore-installed", wheel, cwd=home)
    return scripts


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_every_template_static_file_and_sample_and_no_litter(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static", "webapp/samples"):
        inside = folder if folder.startswith("webapp/") else f"webapp/{folder}"
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        assert {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in files} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests/", "benchmarks/"))]


def test_the_installed_wheel_answers_with_its_help(bin_folder, tmp_path):
    assert "serve" in run(bin_folder / "winnow", "--help", cwd=tmp_path)


def test_the_installed_wheel_shows_its_first_screen_from_its_own_files(bin_folder, tmp_path):
    shown = run(
        bin_folder / "python",
        "-c",
        "from pathlib import Path\n"
        "import webapp\n"
        "from webapp import config, samples\n"
        "assert len(list(samples.sample_pages())) > 50\n"
        "client = webapp.create_app(config.load(data=Path('data'))).test_client()\n"
        "print(webapp.__file__, client.get('/', follow_redirects=True).status_code,\n"
        "      client.get('/static/app.css').status_code)",
        cwd=tmp_path,
    )
    file, *statuses = shown.split()
    assert Path(file).is_relative_to(bin_folder.parent)
    assert statuses == ["200", "200"]
