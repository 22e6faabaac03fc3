"""What the demonstration leaves for scripts (`demo.json`), and prints for people."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from tongke.cli.demo import running_class, world
from tongke.cli.words import say

NAME = "demo.json"
# Where a classroom's own device stays.
ROOM_PATH = "/room"


def forget(folder: Path) -> None:
    """No service answers any more where an earlier run said."""
    (folder / NAME).unlink(missing_ok=True)


def write(folder: Path, url: str) -> None:
    """Write `demo.json`, whole or not at all."""
    accounts = [
        {
            "username": inhabitant.username,
            "password": world.PASSWORD,
            "role": inhabitant.role.value,
            "school": inhabitant.school,
        }
        for inhabitant in world.INHABITANTS
    ]
    rooms = [
        {"username": device, "password": world.PASSWORD, "url": ROOM_PATH, "room": name}
        for _, name, device in world.ROOMS
        if device is not None
    ]
    told = {"url": url, "accounts": accounts, "rooms": rooms}
    beside = folder / f"{NAME}.new"
    with beside.open("w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)


def show(url: str) -> None:
    """The address, the accounts, and what to try with each."""
    if sys.stdout.isatty():
        _table()
    else:
        for inhabitant in world.INHABITANTS:
            click.echo(f"{inhabitant.username}\t{_who(inhabitant)}\t{_try(inhabitant)}")
    click.echo(say(f"地址  {url}", f"Address   {url}"))
    click.echo(
        say(
            f"密码  {world.PASSWORD}（所有账号都一样）",
            f"Password  {world.PASSWORD} (the same for all)",
        )
    )
    first, second, *_ = (device for _, _, device in world.ROOMS if device is not None)
    click.echo(
        say(
            f"正在上课：开两个窗口（其中一个用无痕窗口），分别用 {first} 和 {second} 登录，"
            f"打开 {url}{ROOM_PATH}，两间教室同步看同一节课。要用这两间教室约别的课，"
            f"用 {running_class.TEACHER} 登录，进这节课点“下课”；再运行 tongke demo 才会另开一节",
            f"A class is running: open two windows (one of them private), sign in as {first} and"
            f" {second}, open {url}{ROOM_PATH}: two classrooms in step. To book these rooms for"
            f" another class, end it as {running_class.TEACHER}: the next begins when tongke demo"
            " is run again",
        )
    )


def _table() -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2))
    table.add_column(say("用户名", "User name"), style="bold", no_wrap=True)
    table.add_column(say("是谁", "Who"), overflow="fold")
    table.add_column(say("可以试试", "What to try"), overflow="fold")
    for inhabitant in world.INHABITANTS:
        table.add_row(inhabitant.username, _who(inhabitant), _try(inhabitant))
    Console(highlight=False).print(table)


def _who(inhabitant: world.Inhabitant) -> str:
    role = say(*world.ROLES[inhabitant.role])
    return say("，", ", ").join(filter(None, (inhabitant.name, role, inhabitant.place_name)))


def _try(inhabitant: world.Inhabitant) -> str:
    return say(inhabitant.zh, inhabitant.en)
