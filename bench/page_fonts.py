"""Makes the page's two fonts from the pinned package: Latin, Greek and Cyrillic letters, figures and signs, as WOFF.

`python -m bench.page_fonts` writes regular.woff and semibold.woff into serve/page/static/; a test makes them
again and compares.
"""

from __future__ import annotations

import io
from pathlib import Path

import font_source_sans_pro
from fontTools import subset

STATIC = Path(__file__).resolve().parents[1] / "serve" / "page" / "static"
FACES = {"regular.woff": "SourceSansPro-Regular.ttf", "semibold.woff": "SourceSansPro-Semibold.ttf"}
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x386, 0x3CE), (0x400, 0x45F), (0x2010, 0x2026), (0x2030, 0x203A),
          (0x20AC, 0x20AC), (0x2190, 0x2193), (0x2212, 0x2212), (0x2260, 0x2265)]  # fmt: skip


def made(face: str) -> bytes:
    """The subset of one face; its bytes hang on nothing but the font and fontTools."""
    options = subset.Options(flavor="woff", layout_features=["kern", "tnum", "mark", "mkmk", "ccmp"], hinting=False)
    options.recalc_timestamp = False
    maker, out = subset.Subsetter(options), io.BytesIO()
    maker.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    with subset.load_font(str(Path(font_source_sans_pro.font_directory, FACES[face])), options) as font:
        maker.subset(font)
        subset.save_font(font, out, options)
    return out.getvalue()


if __name__ == "__main__":
    for name in FACES:
        (STATIC / name).write_bytes(made(name))
