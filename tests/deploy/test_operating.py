"""What docs/operating.md says of the compose file: its figures, its tables, its commands."""

from __future__ import annotations

import re
import shlex
import subprocess
from itertools import pairwise, takewhile
from pathlib import Path

import click
import pytest

from tests.deploy import compose
from tests.deploy.compose import DOCUMENT, ONCE, OURS, SECRET, SERVICES, settings_of
from tests.deploy.test_systemd import takes
from tongke.cli import cli
from tongke.production import weak_secrets
from tongke.settings import Settings

TEXT = (compose.ROOT / "docs" / "operating.md").read_text("utf-8")
# Each block as the lines that a shell would run, joined where they go on.
BLOCKS = [
    [line.strip() for line in block.replace("\\\n", "").splitlines() if line.strip()]
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
]
COMMANDS = [line for block in BLOCKS for line in block if line.startswith("docker compose ")]
COPIES = [
    line for block in BLOCKS for line in block if line.startswith(("cp deploy/", "cp /opt/tongke/"))
]
UNITS_MB = {"m": 1, "g": 1024}


def block_with(part: str) -> list[str]:
    (found,) = (block for block in BLOCKS if any(part in line for line in block))
    return found


def megabytes(memory: str) -> int:
    return int(memory[:-1]) * UNITS_MB[memory[-1].lower()]


def test_the_memory_that_a_machine_needs_is_what_the_limits_add_up_to() -> None:
    limits = {name: service["deploy"]["resources"]["limits"] for name, service in SERVICES.items()}
    total = sum(megabytes(limits[name]["memory"]) for name in SERVICES.keys() - ONCE)
    assert f"the limits add up to {total / 1024:g} GB" in TEXT
    assert f"各项上限合计 {total / 1024:g} GB" in TEXT
    assert limits["worker-ladder"]["memory"] == "4G"


def test_two_processors_are_enough_for_every_limit() -> None:
    assert "Processors: 2 at least" in TEXT
    for name, service in SERVICES.items():
        assert float(service["deploy"]["resources"]["limits"]["cpus"]) <= 2, name


def test_each_refusal_is_cured_by_the_line_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = dict(re.findall(r"^\| `(TONGKE_[A-Z0-9_]+)` \| `([A-Z0-9_]+)` \|$", TEXT, re.MULTILINE))
    assert list(rows) == weak_secrets(settings_of(monkeypatch, DOCUMENT))
    for refused, line in rows.items():
        mended = compose.resolved({**compose.example(), line: SECRET})
        assert refused not in weak_secrets(settings_of(monkeypatch, mended))


def test_commands_name_services_that_are_there() -> None:
    """`docker compose` takes a word that is no service for an error at best."""
    takes_one = {"exec", "run"}
    valued = {"-v", "-e", "--user"}
    for command in COMMANDS:
        verb, *words = shlex.split(command.split("|")[0].split("&&")[0].split("#")[0])[2:]
        names = []
        while words:
            word = words.pop(0)
            if word in valued:
                words.pop(0)
            elif not word.startswith("-"):
                names.append(word)
        named = names[:1] if verb in takes_one else names
        assert set(named) <= set(SERVICES), command


def test_a_restore_stops_all_that_speaks_to_the_database() -> None:
    stop = next(line for line in block_with("restore --from /backup") if " stop " in line)
    assert set(stop.split()[3:]) == (OURS - ONCE) | {"nginx"}
    assert "stop the service first" in TEXT


def test_an_upgrade_takes_everything_of_ours_one_after_the_other() -> None:
    block = block_with("--wait --no-deps web-1")
    ups = [line.split("--no-deps ")[1] for line in block if line.startswith("docker compose up")]
    order = ["web-1", "web-2", "worker-quick", "scheduler", "nginx"]
    assert [up.split()[0] for up in ups] == order
    assert {name for up in ups for name in up.split()} == (OURS - ONCE) | {"nginx"}


UPGRADES = {
    "--wait --no-deps web-1": [
        *("systemctl start tongke-backup.service", "git fetch", "git checkout v2"),
        *("docker compose build", "docker compose run --rm --no-deps migrate"),
        "docker compose up",
    ],
    "git -C /opt/tongke fetch": [
        *("systemctl stop tongke.service", "systemctl start tongke-backup.service"),
        *("git -C /opt/tongke fetch", "git -C /opt/tongke checkout v2", "make"),
        *("runuser -u tongke -- /opt/tongke/.venv/bin/tongke migrate", "systemctl start tongke.s"),
    ],
}


# Each step of a restore; above all nothing is started when one fails.
RESTORE = {
    "restore --from /backup": [
        *("docker compose stop", "docker compose exec postgres dropdb"),
        *("docker compose exec postgres createdb", "docker compose run --rm --no-deps -v"),
        *("docker compose rm", "docker volume rm --force", "docker compose up"),
    ]
}
PASTED = UPGRADES | RESTORE
NO_DISK = "no disk"


def pasted(block: list[str], folder: Path, fails: str) -> list[str]:
    """A block as a shell runs it, on stand-ins for what would change the machine: what was called,
    in order. The one call that begins with `fails` does."""
    there = folder / "bin"
    there.mkdir()
    said = folder / "said"
    said.touch()
    for name in ("systemctl", "git", "docker", "make", "runuser", "sleep"):
        program = there / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {said}\n'
            f'case "{name} $*" in "{fails}"*) exit 1;; esac\n'
        )
        program.chmod(0o755)
    (folder / ".env").write_text(compose.EXAMPLE.read_text("utf-8"))
    if fails != NO_DISK:
        (folder / "backup" / "tongke" / "kept" / "backups").mkdir(parents=True)
    subprocess.run(
        ["sh"],
        input="\n".join(block).replace("/etc/tongke", str(folder)).replace("/mnt", str(folder)),
        env={"PATH": f"{there}:/usr/bin:/bin", "VERSION": "v2"},
        cwd=folder,
        text=True,
        check=False,
    )
    return said.read_text().splitlines()


@pytest.mark.parametrize("part", PASTED)
def test_an_upgrade_goes_from_the_backup_to_the_new_version_and_a_restore_back(
    part: str, tmp_path: Path
) -> None:
    called = pasted(block_with(part), tmp_path, fails="nothing")
    found = [next(n for n, line in enumerate(called) if line.startswith(o)) for o in PASTED[part]]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("part", "fails"), [(part, step) for part, steps in PASTED.items() for step in steps]
)
def test_what_is_pasted_whole_ends_where_it_fails(part: str, fails: str, tmp_path: Path) -> None:
    """Above all where no backup was made: nothing of the new version comes after it. Nor is the
    service started where nothing was restored: it would take the files for nobody's."""
    called = pasted(block_with(part), tmp_path, fails)
    assert [line for line in called if line.startswith(fails)] == called[-1:]


def test_no_database_is_dropped_without_the_disk_of_the_backups(tmp_path: Path) -> None:
    (part,) = RESTORE
    assert pasted(block_with(part), tmp_path, NO_DISK) == []


def test_an_upgrade_names_its_images_after_its_version(tmp_path: Path) -> None:
    pasted(block_with("--wait --no-deps web-1"), tmp_path, fails="nothing")
    assert "\nTONGKE_VERSION=v2\n" in (tmp_path / ".env").read_text()


def test_commands_of_ours_are_there_with_their_options() -> None:
    names = cli.list_commands(click.Context(cli))
    shown = 0
    for line in (line for block in BLOCKS for line in block):
        words = shlex.split(line, comments=True)
        begins = [
            number
            for number, (word, following) in enumerate(pairwise(words))
            if word.rsplit("/", 1)[-1] == "tongke" and following in names
        ]
        for begin in begins:
            shown += 1
            takes([*takewhile(lambda word: word != ">", words[begin + 1 :])])
    assert shown > 10


def test_files_that_are_copied_are_there() -> None:
    copied = [word for line in COPIES for word in shlex.split(line)[1:-1]]
    assert copied
    for word in copied:
        assert list(compose.ROOT.glob(word.removeprefix("/opt/tongke/"))), word


def test_the_move_that_is_shown_finds_the_old_parts_and_the_new(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    city = tmp_path / "city.env"
    shown = block_with("TONGKE_DATABASE_URL=postgresql://tongke:change-me")
    city.write_text("\n".join(shown))
    environment = SERVICES["migrate"]["environment"]
    # The command that writes the file, on what the container has.
    (writing,) = (line for line in COMMANDS if "migrate env | grep" in line)
    wanted = re.compile(shlex.split(writing.split("grep -E ")[1])[0])
    lines = [f"{name}={'' if value is None else value}" for name, value in environment.items()]
    assert sorted(filter(wanted.match, lines)) == sorted(shown)

    settings_of(monkeypatch, DOCUMENT)
    (moving,) = (line for line in COMMANDS if "tongke move" in line)
    for word, value in pairwise(shlex.split(moving)):
        if word == "-e":
            monkeypatch.setenv(*value.split("=", 1))
    monkeypatch.setenv("TONGKE_DATA_DIR", str(tmp_path))
    here, there = Settings(_env_file=None), Settings(_env_file=city)
    assert (here.database_url, here.bus_url, here.s3_url, here.elasticsearch_url) == (None,) * 4
    city_itself = settings_of(monkeypatch, DOCUMENT)
    for name in Settings.model_fields.keys() - {"data_dir"}:
        assert getattr(there, name) == getattr(city_itself, name), name
