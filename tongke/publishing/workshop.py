"""What publishing needs of the ground."""

from __future__ import annotations

from typing import Protocol

from tongke.media.programs import Programs
from tongke.settings import Settings
from tongke.storage.bus.port import Bus
from tongke.storage.database import Database
from tongke.storage.objects.port import AppendableObjects, ObjectStore
from tongke.tasks import Hints


class Workshop(Protocol):
    """The part of `tongke.bootstrap.Ground` that this package stands on."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def objects(self) -> ObjectStore: ...
    @property
    def appendable(self) -> AppendableObjects: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def hints(self) -> Hints: ...
    @property
    def programs(self) -> Programs: ...
