"""Groups whose commands are imported when they run, so that help answers at once.

The groups also turn the errors of `tongke.errors` into a message and what to do next; a traceback
is for `--debug`, and for what we did not foresee.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from tongke.cli.words import in_words, say
from tongke.errors import Invalid, Misconfigured, Text, TongkeError

# sysexits.h, EX_CONFIG: the supervisor does not start such a part again.
EXIT_MISCONFIGURED = 78

DEBUG = "tongke.debug"
JSON = "tongke.json"


class Lazy(NamedTuple):
    """Where a command is, and the line that help shows of it."""

    module: str
    attribute: str
    summary: Text


class LazyGroup(click.Group):
    def __init__(self, *args: Any, lazy: Mapping[str, Lazy] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their first use, which is the order they are written in."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.lazy.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(place.module), place.attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing one."""
        rows = [(name, in_words(place.summary)) for name, place in self.lazy.items()]
        with formatter.section(say("命令", "Commands")):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TongkeError as error:
            if ctx.meta.get(DEBUG):
                raise
            _explain(error, as_json=bool(ctx.meta.get(JSON)))
            ctx.exit(EXIT_MISCONFIGURED if isinstance(error, Misconfigured) else 1)


def _explain(error: TongkeError, *, as_json: bool) -> None:
    message, remedy = in_words(error.message), in_words(error.remedy)
    fields = {}
    if isinstance(error, Invalid):
        fields = {name: in_words(text) for name, text in error.fields.items()}
    if as_json:
        found = {"code": error.code, "message": message, "remedy": remedy, "fields": fields}
        click.echo(json.dumps({"error": found}, ensure_ascii=False))
        return
    click.secho(message, fg="red", err=True)
    for name, text in fields.items():
        click.echo(f"  {name}: {text}", err=True)
    click.echo(remedy, err=True)
