"""Whatever stands in a request's headers is understood or refused, and metadata are read back."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.upload.headers import parse_metadata
from services.upload.protocol import BODY_TYPE, Offer, interpret, refused
from services.upload.refusals import MalformedHeader
from tongke.errors import TongkeError

# A busy machine may take long over one example; that says nothing about the code.
unhurried = settings(deadline=None)

# What a title may be: any text at all, only surrogates are no UTF-8.
texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1
)


class TestMetadata:
    @unhurried
    @given(pairs=st.dictionaries(keys, texts), space=st.sampled_from(["", " "]))
    def test_what_a_client_writes_is_read_back(self, pairs: dict[str, str], space: str) -> None:
        written = [
            f"{key} {base64.b64encode(value.encode()).decode()}".rstrip(" ")
            for key, value in pairs.items()
        ]
        assert parse_metadata(f",{space}".join(written)) == pairs

    @unhurried
    @given(header=st.text())
    def test_anything_else_is_refused_and_nothing_breaks(self, header: str) -> None:
        try:
            pairs = parse_metadata(header)
        except MalformedHeader as refusal:
            assert refusal.header == "Upload-Metadata"
        else:
            assert all(key.isascii() and key.isprintable() for key in pairs)

    @pytest.mark.parametrize(
        "header",
        [
            "title 课",
            "title ???",
            "title 6K+",
            "title /w==",  # a byte that no UTF-8 has
            "title 6K++ 6K++",
            "title 6K++,title 6K++",
            "title 6K++,",
            ",title 6K++",
            "标题 6K++",
            "a\r\nb 6K++",
        ],
    )
    def test_what_is_malformed(self, header: str) -> None:
        with pytest.raises(MalformedHeader) as refusal:
            parse_metadata(header)
        assert refused(refusal.value).status == 400
        assert refusal.value.message.zh != refusal.value.message.en

    def test_none_at_all(self) -> None:
        assert parse_metadata("") == parse_metadata("  ") == {}


@unhurried
@given(
    method=st.sampled_from(["OPTIONS", "POST", "HEAD", "PATCH", "DELETE", "GET"]) | st.text(),
    headers=st.dictionaries(
        st.sampled_from(
            [
                *("Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata"),
                *("Content-Type", "Content-Length", "Transfer-Encoding", "X-HTTP-Method-Override"),
            ]
        ),
        st.sampled_from(["1.0.0", "5", "0", BODY_TYPE, "chunked", "PATCH"]) | st.text(),
    ),
)
def test_any_request_is_understood_or_refused(method: str, headers: dict[str, str]) -> None:
    try:
        interpret(method, headers, Offer(max_bytes=1000))
    except TongkeError as refusal:
        assert 400 <= refused(refusal).status < 500
