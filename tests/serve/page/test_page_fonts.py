"""The fonts are those of the pinned package, cut to the letters that the page uses."""

from __future__ import annotations

import pytest

from bench import page_fonts


@pytest.mark.parametrize("face", page_fonts.FACES)
def test_a_font_is_made_again_byte_by_byte(face: str) -> None:
    assert (page_fonts.STATIC / face).read_bytes() == page_fonts.made(face)
