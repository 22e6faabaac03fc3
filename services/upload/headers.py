"""Headers of tus 1.0.0 read into values, strictly: what could be read two ways is refused."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from services.upload.refusals import MalformedHeader
from tongke.errors import Text

# Digits that fit every database's 64-bit integer; longer ones are no size of a file.
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
# Visible ASCII without the comma that parts the pairs: safe to hand back in a header.
_METADATA_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
# 22 characters of Base64 hold the 128 random bits that nobody guesses; a UUID has 36.
_IDEMPOTENCY_KEY = re.compile(r"[!#-~]{22,128}", re.ASCII)


def body_bytes(fields: Mapping[str, str]) -> int | None:
    """The size of the body; None when it comes in chunks (RFC 9112, section 6.3)."""
    if "transfer-encoding" in fields:
        return None
    return number(fields, "Content-Length") if "content-length" in fields else 0


def content_type(fields: Mapping[str, str]) -> str:
    """The media type alone, in lower case; empty when none is given."""
    return fields.get("content-type", "").partition(";")[0].strip().lower()


def read_fields(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers under lower-case names. One that steers an upload and comes twice is refused."""
    fields: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in fields and lower.startswith(
            ("upload-", "tus-", "content-", "x-http-", "idempotency-")
        ):
            raise malformed(name, "出现了两次", "it comes twice")
        fields[lower] = value.strip()
    return fields


def number(fields: Mapping[str, str], name: str) -> int:
    """A header that has to be a non-negative integer. Raises `MalformedHeader`."""
    value = fields.get(name.lower())
    if value is None:
        raise malformed(name, "没有给出", "it is missing")
    if not _NUMBER.fullmatch(value):
        raise malformed(name, "不是非负整数", "it is not a non-negative integer")
    return int(value)


def idempotency_key(fields: Mapping[str, str]) -> str:
    """The `Idempotency-Key` of a creation (draft-ietf-httpapi-idempotency-key-header), with or
    without its quotes; empty when none is given. Raises `MalformedHeader`."""
    given = fields.get("idempotency-key")
    if given is None:
        return ""
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise malformed(
            "Idempotency-Key",
            "应为 22 到 128 个随机的可见字符",
            "it has to be 22 to 128 random visible characters",
        )
    return key


def parse_metadata(header: str) -> dict[str, str]:
    """The pairs of an `Upload-Metadata` header ("Creation: Upload-Metadata").

    Pairs are parted by commas, a key and its Base64 value by a space; a value may be missing.
    Values are UTF-8 here, since all that we ask for is text. Raises `MalformedHeader`.
    """
    pairs: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip(" ").partition(" ")
        if not _METADATA_KEY.fullmatch(key):
            raise malformed("Upload-Metadata", "键名不对", "a key is not valid")
        if key in pairs:
            raise malformed("Upload-Metadata", f"键名 {key} 重复", f"the key {key} comes twice")
        pairs[key] = _metadata_value(key, value)
    return pairs


def _metadata_value(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise malformed(
            "Upload-Metadata",
            f"{key} 的值不是 Base64 编码的 UTF-8",
            f"the value of {key} is not UTF-8 in Base64",
        ) from error


def malformed(name: str, zh: str, en: str) -> MalformedHeader:
    """The refusal of a header, with the reason in both languages."""
    return MalformedHeader(name, Text(zh, en))
