"""What the demonstration leaves for scripts (`demo.json`), and prints for people."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tongke.cli.demo import world
from tongke.cli.words import say

NAME = "demo.json"


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
    beside = folder / f"{NAME}.new"
    with beside.open("w", encoding="utf-8") as file:
        json.dump({"url": url, "accounts": accounts}, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)


def show(url: str) -> None:
    """The address, the accounts, and what to try with each."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        say("用户名", "User name"),
        say("姓名", "Name"),
        say("身份", "Role"),
        say("学校或地区", "School or region"),
        say("可以试试", "What to try"),
    )
    for inhabitant in world.INHABITANTS:
        table.add_row(
            inhabitant.username,
            inhabitant.name,
            inhabitant.role.value,
            inhabitant.place_name,
            say(inhabitant.zh, inhabitant.en),
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(say(f"地址  [bold]{url}[/]", f"Address   [bold]{url}[/]"))
    console.print(
        say(
            f"密码  [bold]{world.PASSWORD}[/]（所有账号都一样）",
            f"Password  [bold]{world.PASSWORD}[/] (the same for all)",
        )
    )
