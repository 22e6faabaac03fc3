"""The step of a document: read its text, make what the reader shows, clean a copy to take along."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy.orm import Session

from tongke.documents.process import process
from tongke.documents.result import DocumentResult, Page
from tongke.library.models import Asset, Resource
from tongke.library.vocabulary import AssetRole, DownloadKind
from tongke.publishing.made import download_asset, make_viewable, swap_assets
from tongke.publishing.work import Outcome, Work

ROLES = (
    AssetRole.HTML,
    AssetRole.PAGE,
    AssetRole.OUTLINE,
    AssetRole.SECTIONS,
    AssetRole.POSTER,
    AssetRole.DOWNLOAD,
)
SECTIONS = "sections.json"


async def process_document(work: Work) -> Outcome:
    """Read the document and keep what was made of it."""
    async with (
        work.scratch() as folder,
        work.shop.objects.local_copy(work.resource.original_key) as source,
    ):
        made = folder / "made"
        result = await process(
            source,
            work.resource.filename,
            made,
            on_progress=lambda done, total: work.progress(done / max(total, 1)),
            libreoffice=work.shop.settings.libreoffice,
        )
        size = (made / result.clean_copy).stat().st_size
        (made / SECTIONS).write_text(json.dumps([asdict(part) for part in result.sections]))
        await work.keep(made)
    assets = _assets(work.resource.id, work.claim.prefix, result, size)

    def record(session: Session, resource: Resource) -> None:
        resource.text = result.text
        swap_assets(session, resource, ROLES, assets)
        make_viewable(resource)

    return Outcome(record)


def _assets(resource_id: int, prefix: str, result: DocumentResult, clean_size: int) -> list[Asset]:
    def asset(role: AssetRole, name: str, number: int = 0, **details: object) -> Asset:
        return Asset(
            resource_id=resource_id,
            role=role,
            number=number,
            prefix=prefix,
            name=name,
            details=details,
        )

    entries = [asdict(line) for line in result.outline]
    caveats = [caveat.value for caveat in result.warnings]
    assets = [asset(AssetRole.OUTLINE, "outline", entries=entries, caveats=caveats)]
    assets.append(asset(AssetRole.SECTIONS, SECTIONS))
    assets.append(
        download_asset(resource_id, prefix, result.clean_copy, DownloadKind.DOCUMENT, clean_size)
    )
    if result.html:
        assets.append(asset(AssetRole.HTML, result.html))
    assets += [
        asset(AssetRole.PAGE, page.text_layer, page.number, **_sizes(page))
        for page in result.page_images
    ]
    if result.poster is not None:
        page, small = result.page_images[0].images[0], result.poster
        widths = {"width": page.width, "small_width": small.width}
        assets.append(asset(AssetRole.POSTER, page.name, small=small.name, **widths))
    return assets


def _sizes(page: Page) -> dict[str, object]:
    """A page's pictures: for a list and a phone, for reading, and of a slide for a large screen."""
    small, large, *wide = page.images
    return {
        "width": large.width,
        "height": large.height,
        "small": small.name,
        "large": large.name,
        **({"wide": wide[0].name} if wide else {}),
        "text": page.text_layer,
    }
