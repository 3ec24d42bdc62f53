"""From plain data to a PDF: one call of Typst on one of our templates.

The data travel as a JSON file beside the template, so that no string of theirs is ever parsed as markup.
Fonts are those inside Typst and the time stamp is the records', so the same data give the same bytes.
Typst never touches the network: the templates import no packages.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst

# A document needs a creation time; this one stands where no record has any.
_EPOCH = 0


@contextmanager
def typeset(
    template: Literal["report", "slides"], data: dict[str, Any], figures: Path
) -> Iterator[typst.Compiler]:
    """A compiler for ``template`` over ``data``, with the SVG figures of a folder at hand."""
    with tempfile.TemporaryDirectory(prefix="sentilora-") as name:
        root = Path(name)
        source = resources.files("sentilora.evidence.report") / "templates" / f"{template}.typ"
        (root / "main.typ").write_text(source.read_text("utf-8"), "utf-8")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False, allow_nan=False), "utf-8")
        (root / "figures").mkdir()
        for figure in sorted(figures.glob("*.svg")):
            shutil.copy(figure, root / "figures")
        yield typst.Compiler(str(root / "main.typ"), root=str(root), ignore_system_fonts=True)


def to_pdf(compiler: typst.Compiler, finished: datetime | None) -> bytes:
    """The PDF's bytes, dated by when the last run finished."""
    timestamp = _EPOCH if finished is None else int(finished.timestamp())
    pdf = compiler.compile(format="pdf", timestamp=timestamp)
    assert isinstance(pdf, bytes)
    return pdf


def num_text_pages(compiler: typst.Compiler) -> int:
    """How many pages the report's text has, up to its references."""
    return int(json.loads(compiler.query("<text-pages>", field="value", one=True)))
