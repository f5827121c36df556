"""The house: documents and settings agree, the floors hold, a plain install finds everything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from syncbridge.settings import load_settings, settings_keys

ROOT = Path(__file__).parents[2]


def test_the_readme_names_every_setting_with_its_default():
    text = (ROOT / "README.md").read_text()

    for key in settings_keys():
        table = "[connections.NAME]" if key.section == "connections" else f"[{key.section}]"
        default = f"`{key.default}`" if key.default else ""
        assert f"| `{table}` | `{key.key}` | {default}" in text
        assert f"| {key.help} |" in text


def test_the_example_settings_name_every_key():
    text = (ROOT / "syncbridge.example.toml").read_text()

    missing = [key.key for key in settings_keys() if f"{key.key} = " not in text]
    assert missing == []


def test_the_example_settings_can_be_used_once_its_variables_are_set():
    secrets = ["WA_APP_SECRET", "WA_VERIFY_TOKEN", "WA_TOKEN", "HUBSPOT_TOKEN", "HUBSPOT_SECRET"]

    settings = load_settings(ROOT / "syncbridge.example.toml", dict.fromkeys(secrets, "x"))

    assert settings.connections.keys() == {"wa", "hs"}


def test_the_defaults_in_the_example_are_the_real_ones():
    lines = (ROOT / "syncbridge.example.toml").read_text().splitlines()
    shown = {}
    for line in lines:
        key, separator, value = line.removeprefix("# ").partition(" = ")
        if separator and line.startswith("# ") and key.isidentifier():
            shown.setdefault(key, value.partition("  ")[0].strip().strip('"'))

    wrong = {
        key.key: (shown[key.key], key.default)
        for key in settings_keys()
        if key.default and shown.get(key.key, key.default) != key.default
    }
    assert wrong == {}


def test_the_floors_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(
        [*command, "--config", "setup.cfg", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_a_plain_install_finds_every_file(tmp_path):
    source = tmp_path / "source"
    for name in ("syncbridge", "connectors", "mappings"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("setup.cfg", "setup.py", "README.md", "celeryconfig.py"):
        shutil.copy(ROOT / name, source)

    names = _built(source, tmp_path / "wheels")

    shipped = {name for name in names if ".dist-info/" not in name}
    written = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert written - shipped == {"setup.cfg", "setup.py", "README.md"}
    assert shipped <= written


def _built(source, target):
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target)]
    # A copy of the tree without what building leaves in it, so that it can be compared.
    workshop = shutil.copytree(source, source.with_name("workshop"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "."],
        cwd=workshop,
        capture_output=True,
        check=True,
    )
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        return set(wheel.namelist())


@pytest.mark.parametrize("target", ["install", "demo", "test", "lint", "check", "format"])
def test_make_knows_its_targets(target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
