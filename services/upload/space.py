"""Space for uploads: asked for when one begins, and looked after while bytes come.

What is announced is not set aside: uploads are left behind, and would hold the disk for days. So
many may begin that do not all fit. What must not happen is that the disk fills to its end, on
which the database stands too; therefore the rest is watched as it melts.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from tongke.bootstrap import Ground
from tongke.storage.objects.errors import StoreFull
from tongke.storage.space import LOOK_EVERY_BYTES, is_left


async def require(ground: Ground, length: int) -> None:
    """Refuse now what would fill the disk in an hour.

    Raises:
        StoreFull.
    """
    if not is_left(await ground.objects.free_bytes(), ground.settings.min_free_bytes, length):
        raise StoreFull


async def while_left(ground: Ground, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The chunks, as long as the space that is kept free stays so; then StoreFull.

    What came before is durable, and the upload goes on from there when there is room again.
    """
    unseen = LOOK_EVERY_BYTES
    async for chunk in chunks:
        unseen += len(chunk)
        if unseen >= LOOK_EVERY_BYTES:
            await require(ground, 0)
            unseen = 0
        yield chunk
