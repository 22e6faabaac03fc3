"""The indexes of an installation in Elasticsearch, and who of them answers.

`tongke` is an alias for the one that answers, `tongke-building` for the one that a rebuild fills,
and each is called `tongke-<format>-<its build>`. Aliases move in one step of the cluster's state,
so every node of the service sees the same, and a swap is never seen half done. A build has an alias
of its own besides, through which alone it writes: when another rebuild has thrown it away, a late
batch finds nothing, rather than make an index of that name anew.

A rebuild may be killed at any place, and an answer lost: an index of ours that neither alias stands
for is nobody's, and the next rebuild drops it, as it does what another was filling.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from elasticsearch import BadRequestError, NotFoundError

from search.elastic_client import Client
from search.elastic_mapping import FORMAT, index_body
from search.index import IndexTooNew, IndexUnavailable, RebuildTakenOver

# The one that an installation begins with: every node calls it the same, so it is made once.
_FIRST = "0" * 32


@dataclass(frozen=True)
class Build:
    """A rebuild under way: its index, and the alias that it writes through."""

    index: str
    alias: str


class Indices:
    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.alias = name
        self.building_alias = f"{name}-building"
        self._names = re.compile(rf"{re.escape(name)}-(\d+)-[0-9a-f]{{32}}")
        self._looking = asyncio.Lock()
        self._ready = False

    async def ready(self) -> None:
        """Have an index that answers, in our format; made when there is none.

        One of an older format is replaced by an empty one, which the sweeper fills. To have it
        answer meanwhile, rebuild before the new version serves. Raises `IndexUnavailable`, also
        where Elasticsearch will not have us make one: its cause says why.
        """
        if self._ready:
            return
        async with self._looking:
            if not self._ready:
                try:
                    await self._make_ready()
                except (BadRequestError, NotFoundError) as error:
                    raise IndexUnavailable from error
                self._ready = True

    def look_again(self) -> None:
        """Something that should be there was not."""
        self._ready = False

    async def is_building(self) -> bool:
        return bool(
            await self._client.ask(
                lambda client: client.indices.exists_alias(name=self.building_alias)
            )
        )

    async def begin(self) -> Build:
        """Start a build; what another had made so far is thrown away.

        Raises `IndexUnavailable`, and `RebuildTakenOver` when another began or ended at this very
        moment and took this one, not yet named by an alias, for nobody's.
        """
        build = self._name(uuid.uuid4().hex)
        made = Build(build, f"{self.alias}-build-{build.rpartition('-')[2]}")
        try:
            await self._create(build, refresh=False)
        except BadRequestError as error:
            raise IndexUnavailable from error
        try:
            await self._move(
                {
                    "remove": {
                        "index": f"{self.alias}-*",
                        "alias": self.building_alias,
                        "must_exist": False,
                    }
                },
                {"add": {"index": build, "alias": made.alias}},
                {"add": {"index": build, "alias": self.building_alias}},
            )
        except NotFoundError as error:
            raise RebuildTakenOver from error
        await self._drop_what_is_nobodys()
        return made

    async def finish(self, build: Build) -> None:
        """Let the build answer from now on. Raises `RebuildTakenOver`."""
        try:
            await self._client.merge(build.alias)
            await self._client.work(lambda client: client.indices.refresh(index=build.alias))
            await self._client.work(
                lambda client: client.indices.put_settings(
                    index=build.alias, settings={"index.refresh_interval": None}
                )
            )
            await self._swap(build)
        except (NotFoundError, BadRequestError) as error:
            raise RebuildTakenOver from error
        self._ready = True
        await self._drop_what_is_nobodys()

    async def _swap(self, build: Build) -> None:
        before = await self.behind(self.alias)
        try:
            await self._move(
                {
                    "remove": {
                        "index": build.index,
                        "alias": self.building_alias,
                        "must_exist": True,
                    }
                },
                {"remove": {"index": build.index, "alias": build.alias}},
                *({"remove": {"index": name, "alias": self.alias}} for name in before),
                {"add": {"index": build.index, "alias": self.alias}},
            )
        except IndexUnavailable:
            # The answer may have been lost, and not what was asked.
            if build.index not in await self.behind(self.alias):
                raise

    async def building_since(self) -> datetime | None:
        """When the build that is there was begun, which may have been killed since."""
        named = "index.creation_date"
        try:
            found = await self._client.ask(
                lambda client: client.indices.get_settings(
                    index=self.building_alias, name=named, flat_settings=True
                )
            )
        except NotFoundError:
            return None
        begun_ms = [int(index["settings"][named]) for index in found.body.values()]
        return datetime.fromtimestamp(min(begun_ms) / 1000, UTC) if begun_ms else None

    async def behind(self, alias: str, *, patient: bool = True) -> list[str]:
        """The indexes that an alias stands for. Not `patient` where a person waits."""
        ask = self._client.work if patient else self._client.ask
        try:
            found = await ask(lambda client: client.indices.get_alias(name=alias))
        except NotFoundError:
            return []
        return list(found)

    async def _make_ready(self) -> None:
        before = await self.behind(self.alias, patient=False)
        formats = {name: self._format(name) for name in before}
        if FORMAT in formats.values():
            return
        if any(found > FORMAT for found in formats.values()):
            raise IndexTooNew(name=", ".join(sorted(before)))
        first = self._name(_FIRST)
        await self._create(first)
        await self._move(
            *({"remove": {"index": name, "alias": self.alias}} for name in before),
            {"add": {"index": first, "alias": self.alias}},
        )
        await self._drop(before)

    async def _create(self, name: str, *, refresh: bool = True) -> None:
        body = index_body()
        if not refresh:
            # Nobody searches it: segments are made when they are large enough.
            body["settings"]["refresh_interval"] = "-1"
        try:
            await self._client.work(lambda client: client.indices.create(index=name, **body))
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    async def _move(self, *actions: dict[str, dict[str, Any]]) -> None:
        await self._client.work(lambda client: client.indices.update_aliases(actions=actions))

    async def _drop_what_is_nobodys(self) -> None:
        """Not those of a later format, of which we do not know how they are called there."""
        try:
            found = await self._client.work(
                lambda client: client.indices.get_alias(index=f"{self.alias}-*")
            )
        except NotFoundError:
            return
        kept = {self.alias, self.building_alias}
        await self._drop(
            [
                name
                for name, held in found.items()
                if 0 < self._format(name) <= FORMAT and kept.isdisjoint(held["aliases"])
            ]
        )

    async def _drop(self, names: list[str]) -> None:
        if names:
            await self._client.work(
                lambda client: client.indices.delete(index=names, ignore_unavailable=True)
            )

    def _name(self, build: str) -> str:
        return f"{self.alias}-{FORMAT}-{build}"

    def _format(self, name: str) -> int:
        """The format of one of our indexes; 0 for one that we did not make."""
        match = self._names.fullmatch(name)
        return int(match[1]) if match else 0
