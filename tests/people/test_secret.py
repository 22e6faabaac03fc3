"""Secrets are random enough, and a slip's code survives being read aloud and typed."""

from __future__ import annotations

from math import log2

from hypothesis import given
from hypothesis import strategies as st

from tongke.people import secret

slip_codes = st.text(secret.SLIP_ALPHABET, min_size=12, max_size=12)


def test_secrets_carry_the_bits_they_promise() -> None:
    # URL-safe Base64 carries six bits a letter.
    assert len(secret.new_secret()) * 6 >= 256
    assert len(secret.read_slip_code(secret.new_slip_code())) * log2(32) >= 60
    assert len({secret.new_secret() for _ in range(100)}) == 100
    assert len({secret.new_slip_code() for _ in range(100)}) == 100


def test_a_slip_has_three_groups_of_four() -> None:
    groups = secret.new_slip_code().split("-")
    assert [len(group) for group in groups] == [4, 4, 4]


@given(slip_codes, st.data())
def test_a_code_is_read_however_it_is_typed(code: str, data: st.DataObject) -> None:
    typed = ""
    for letter in code:
        heard = {"0": "0Oo", "1": "1IiLl"}.get(letter, letter + letter.lower())
        typed += data.draw(st.sampled_from(heard)) + data.draw(
            st.sampled_from(["", "-", " ", "　"])
        )
    assert secret.read_slip_code(typed) == code


@given(slip_codes, slip_codes)
def test_other_codes_are_other_codes(one: str, other: str) -> None:
    same = secret.digest(secret.read_slip_code(one)) == secret.digest(secret.read_slip_code(other))
    assert same is (one == other)
