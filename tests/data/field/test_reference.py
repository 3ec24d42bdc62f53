"""``docs/reference/data.md`` is what this module finds when it reads a file of each kind.

After a change that is meant: ``SENTILORA_WRITE_DOCS=1 pytest tests/data/field/test_reference.py``.
"""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentilora.data.sources.registry import load_dataset
from sentilora.data.tables.columns import OWN_NAMES, USUAL_NAMES
from sentilora.data.tables.reading import Reading
from sentilora.errors import DataError
from support.invented_reviews import reviews

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "data.md"

ROWS = [(text.replace(",", "").replace(";", ""), "good" if good else "bad") for text, good in reviews(60)]
"""Without any separator in a text."""

Maker = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """A kind of data, how a sample of it is made, and what is said of it."""

    kind: str
    make: Maker
    reading: Reading = field(default_factory=Reading)
    how: str = ""
    """The options or settings that it needs, as a user writes them."""
    shown: str = ""
    """The sample in words, where its first lines do not show it."""


def lines(name: str, *beginning: str, row: str = "{text},{label}", encoding: str = "utf-8") -> Maker:
    """A text file of these first lines and then the rows."""

    def make(folder: Path) -> Path:
        written = [row.format(text=text, label=label) for text, label in ROWS]
        (folder / name).write_bytes(("\n".join([*beginning, *written]) + "\n").encode(encoding))
        return folder / name

    return make


def labels(*values: str) -> Maker:
    """A CSV whose labels are these, in turn."""

    def make(folder: Path) -> Path:
        rows = [f"{text},{values[i % len(values)]}" for i, (text, _) in enumerate(ROWS)]
        (folder / "a.csv").write_text("\n".join(["text,label", *rows]))
        return folder / "a.csv"

    return make


def content(name: str, write: Callable[[Path], object]) -> Maker:
    """Whatever ``write`` writes at the path."""

    def make(folder: Path) -> Path:
        write(folder / name)
        return folder / name

    return make


def tree(names: Sequence[str], row: str = "{text},{label}", header: str = "text,label") -> Maker:
    """A folder of these files, the rows dealt out to them."""

    def make(folder: Path) -> Path:
        size = len(ROWS) // len(names)
        for i, name in enumerate(names):
            path = folder / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            dealt = ROWS[i * size : (i + 1) * size]
            its = [row.format(text=text, label=label) for text, label in dealt]
            path.write_text("\n".join([*([header] if header else []), *its]))
        return folder / "data"

    return make


def classes(*names: str) -> Maker:
    """Folders of text files."""

    def make(folder: Path) -> Path:
        for i, (text, _) in enumerate(ROWS * 2):
            path = folder / "data" / names[i % len(names)] / f"{i}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text} {i}")
        return folder / "data"

    return make


def competition(folder: Path) -> Path:
    tree(["train.csv"])(folder)
    (folder / "data" / "test.csv").write_text("id,text\n9,a quiet kettle\n")
    return folder / "data"


def saved(folder: Path) -> Path:
    label = datasets.ClassLabel(names=["good", "bad"])
    features = datasets.Features(text=datasets.Value("string"), label=label)
    texts, names = map(list, zip(*ROWS, strict=True))
    data = datasets.Dataset.from_dict({"text": texts, "label": names}, features=features)
    data.save_to_disk(folder / "saved")
    return folder / "saved"


def trees(folder: Path) -> Path:
    (folder / "data").mkdir()
    written = [f"({label} (2 {word}) (2 film))" for label in range(5) for word in ("a", "the")]
    for split in ("train", "dev", "test"):
        (folder / "data" / f"{split}.txt").write_text("\n".join(written))
    return folder / "data"


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("reviews.csv", "\n".join(["text,label", *(f'"{text}",{its}' for text, its in ROWS)]))


def parquet(path: Path) -> None:
    texts, names = map(list, zip(*ROWS, strict=True))
    pq.write_table(pa.table({"text": texts, "label": names}), path)


def pandas_tsv(path: Path) -> None:
    quoted = [f'"He said ""{text}""."\t{label}' for text, label in ROWS]
    path.write_text("\n".join(["text\tlabel", *quoted]))


def quotes_in_tsv(path: Path) -> None:
    path.write_text("\n".join(["text\tlabel", *(f'"{text}, he said\t{label}' for text, label in ROWS)]))


FORMATS = [
    Case("CSV", lines("a.csv", "text,label")),
    Case("TSV; a quote is text, as in GLUE", content("a.tsv", quotes_in_tsv)),
    Case("TSV as pandas and Excel write it, quoted", content("a.tsv", pandas_tsv)),
    Case("semicolons, bars or tabs, under any name", lines("a.csv", "text;label", row="{text};{label}")),
    Case(
        "no header",
        lines("a.csv", row="{label},{text}"),
        Reading(columns={"text": "2", "label": "1"}, header=False),
        "`--no-header --text 2 --label 1`",
    ),
    Case(
        "Windows-1252",
        lines("a.csv", "text,label", "it’s fine – really,good", encoding="cp1252"),
        Reading(encoding="windows-1252"),
        "`--encoding windows-1252`",
    ),
    Case("UTF-16 with its mark", lines("a.txt", "text\tlabel", row="{text}\t{label}", encoding="utf-16")),
    Case("JSON Lines", lines("a.jsonl", row='{{"text": "{text}", "label": "{label}"}}')),
    Case("a JSON array, under any name", content("a.json", lambda path: path.write_text(json.dumps(
        [{"text": text, "label": label} for text, label in ROWS])))),
    Case("Parquet", content("a.parquet", parquet), shown="columns `text` and `label`"),
    Case("fastText", lines("a.txt", row="__label__{label} {text}")),
    Case("gzip and bzip2 of any of these", content("a.csv.gz", lambda path: path.write_bytes(gzip.compress(
        "\n".join(["text,label", *(f'"{text}",{its}' for text, its in ROWS)]).encode()))), shown="a CSV"),
    Case("a zip archive of one table", content("a.zip", zipped), shown="`reviews.csv`"),
]  # fmt: skip

LAYOUTS = [
    Case("three files", tree(["train.csv", "dev.csv", "test.csv"])),
    Case("train and test", tree(["train.csv", "test.csv"])),
    Case("a competition: test without labels", competition),
    Case(
        "one file with a `split` column",
        content("a.csv", lambda path: path.write_text("\n".join(["text,label,split", *(
            f"{text},{label},{('train', 'validation', 'test')[i % 3]}"
            for i, (text, label) in enumerate(ROWS))]))),
    ),
    Case("one file", lines("a.csv", "text,label")),
    Case("shards", tree(["train-00000-of-00002.csv", "train-00001-of-00002.csv"])),
    Case("text files by class (IMDB)",
         classes("train/pos", "train/neg", "train/unsup", "test/pos", "test/neg")),
    Case("text files by class alone", classes("pos", "neg")),
    Case("`save_to_disk` of `datasets`", saved),
    Case("trees of the Stanford treebank", trees),
]  # fmt: skip

LABELS = [
    Case(kind, labels(*values), shown=", ".join(f"`{value}`" for value in values))
    for kind, values in (
        ("names: in the order of the alphabet", ("positive", "negative", "mixed")),
        ("numbers: by size, not renamed", ("1", "0")),
        ("stars, and halves of them", ("5", "4.5", "0.5", "3.0")),
        ("minus one, zero, one", ("1", "-1", "0")),
        ("true and false, in any case", ("True", "False")),
    )
] + [
    Case(
        "renamed, merged and dropped, in the stated order",
        labels("1", "2", "3", "4", "5"),
        Reading(labels={"1": "bad", "2": "bad", "3": "", "4": "good", "5": "good"}),
        '`labels = { 1 = "bad", 2 = "bad", 3 = "", 4 = "good", 5 = "good" }` under `[data]`',
        shown="`1`, `2`, `3`, `4`, `5`",
    )
]

REFUSED = [
    Case("rows without a text or a label", lines("a.csv", "text,label", ",good")),
    Case("several labels in a row", lines("a.jsonl", '{"text": "fine", "label": ["good", "quiet"]}',
         row='{{"text": "{text}", "label": "{label}"}}')),
    Case("numbers beside names", lines("a.csv", "text,label", "fine,1")),
    Case("two columns that fit", lines("a.csv", "review,stars,sentiment", row="{text},5,{label}")),
    Case("bytes that are not UTF-8", lines("a.csv", "text,label", "it’s fine,good", encoding="cp1252")),
    Case("a stray quote that swallows rows",
         lines("a.csv", "text,label", '"fine,good', "dull,bad", 'so so",bad')),
    Case("a few texts, copied", content("a.csv", lambda path: path.write_text(
        "\n".join(["text,label", *["fine,good", "dull,bad", "so so,bad", "great,good"] * 50])))),
]  # fmt: skip


def sample(case: Case, path: Path) -> str:
    """The first lines of what was made, or the names of its files."""
    if case.shown:
        return case.shown
    if path.is_dir():
        names = sorted(str(file.relative_to(path)) for file in path.rglob("*.*") if file.is_file())
        return "<br>".join(f"`{name}`" for name in names[:4]) + ("<br>…" if len(names) > 4 else "")
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith(b"\xff\xfe") else case.reading.encoding or "utf-8"
    first = content.decode(encoding, "replace").split("\n")[:2]
    shown = [line if len(line) <= 50 else line[:50] + "…" for line in first]
    return "<br>".join(f"`{line}`" for line in shown).replace("\t", "→").replace("|", "\\|")


def without_paths(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "").replace(str(folder), "").replace("|", "\\|")


def read_row(case: Case, folder: Path) -> str:
    path = case.make(folder)
    dataset = load_dataset(str(path), case.reading)
    notes = [without_paths(note, folder) for note in dataset.notes]
    found = f"classes {', '.join(dataset.label_names)}"
    if case in LAYOUTS:
        sizes = ", ".join(f"{len(examples)} {split}" for split, examples in dataset.splits.items())
        found = f"{sizes}; {found}"
    else:
        notes = [note for note in notes if "divided from train" not in note]
    found += f". It says: {'; '.join(notes)}" if notes else ""
    how = f"<br>with {case.how}" if case.how else ""
    return f"| {case.kind} | {sample(case, path)}{how} | {found} |"


def refused_row(case: Case, folder: Path) -> str:
    path = case.make(folder)
    with pytest.raises(DataError) as caught:
        load_dataset(str(path), case.reading)
    error = caught.value
    what = without_paths(" ".join(error.what.split()), folder)
    return f"| {case.kind} | {sample(case, path)} | {what} | {without_paths(error.remedy, folder)} |"


def table(heading: Sequence[str], rows: Sequence[str]) -> str:
    return "\n".join([f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}", *rows])


def names_table(names: Mapping[str, Sequence[str]], usual: Mapping[str, Sequence[str]]) -> str:
    columns = dict.fromkeys([*names, *usual])
    rows = [
        f"| {column} | {', '.join(f'`{name}`' for name in names.get(column, ()))} | "
        f"{', '.join(f'`{name}`' for name in usual.get(column, ()))} |"
        for column in columns
    ]
    return table(("what", "taken first", "else"), rows)


PROSE = """# Data that can be read

This page is made by `tests/data/field/test_reference.py`, which reads a sample of each kind. `sentilora
audit PATH` says the same of your own file. Training and `predict` read through one reader.

## Formats

{formats}

The first sheet of an Excel workbook is read too, with `pip install 'sentilora[excel]'`. `predict` also
takes text files with one text a line.

## Layouts

A missing dev or test is divided from train; `dev_share`, `test_share`, `split_seed` and `group` under
`[data]` say how. `predict` has no use for splits.

{layouts}

`hub:owner/name`, `hub:owner/name/configuration` and `hub:owner/name@revision` are read from the Hugging
Face hub, by the same rules.

## Labels

{labels}

Names of classes that a Parquet file or the hub states are used, in their order.

## Columns

Case, blanks and punctuation do not count. `--text` and `--label`, or `text`, `label`, `id`, `group` and
`strength` under `[data]`, name another one. Where a column was taken for its usual name, it is said.

{columns}

## What is refused

`--drop-bad-rows` leaves out rows without a text or a label, and counts them.

{refused}
"""


def page(folder: Path) -> str:
    def rows(cases: Sequence[Case], row: Callable[[Case, Path], str], name: str) -> list[str]:
        made = []
        for i, case in enumerate(cases):
            place = folder / f"{name}{i}"
            place.mkdir()
            made.append(row(case, place))
        return made

    read = ("you have", "for example", "what is read")
    refused = ("you have", "for example", "it says", "what to do")
    return PROSE.format(
        formats=table(read, rows(FORMATS, read_row, "format")),
        layouts=table(read, rows(LAYOUTS, read_row, "layout")),
        labels=table(read, rows(LABELS, read_row, "label")),
        columns=names_table(OWN_NAMES, USUAL_NAMES),
        refused=table(refused, rows(REFUSED, refused_row, "refused")),
    )


def test_the_page_is_what_is_read(tmp_path: Path) -> None:
    made = page(tmp_path)
    if os.environ.get("SENTILORA_WRITE_DOCS"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made
