"""The data: where they come from, how many are used, and their table of splits."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Section, paragraph
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import about_data, class_names, data_title
from sentilora.evidence.writing.numbers import capitalised
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import Cell, Column, Table, words

_MOST_NOTES = 3


def section(analysis: Analysis) -> Section:
    """The data paragraph and the table of splits."""
    data, names, sizes = analysis.data, class_names(analysis), analysis.data["sizes"]
    text = [
        f"The data are {about_data(data).in_prose()}: {notation.count(sizes['train'])} training, "
        f"{notation.count(sizes['dev'])} dev and {notation.count(sizes['test'])} test examples of "
        f"{notation.counted(len(names), 'class', 'classes')} ({notation.listed(names)}){see('data')}."
    ]
    if sizes["train"] < data["train_total"]:
        share = notation.percent(sizes["train"] / data["train_total"])
        text.append(
            f"Training uses {share} of the {notation.count(data['train_total'])} training examples, drawn "
            "once for all arms by a hash of their ids."
        )
    text += [_cut_texts(analysis), *map(_note, data["notes"][:_MOST_NOTES])]
    return Section(heading="Data", body=paragraph(*text), tables=(data_table(analysis),))


def data_table(analysis: Analysis) -> Table:
    """Sizes, balance and lengths of each split."""
    data = analysis.data
    rows = []
    for split in ("train", "dev", "test"):
        size, counts = int(data["sizes"][split]), data["label_counts"][split]
        share, tokens = counts[-1] / sum(counts), data["tokens"][split] / size
        rows.append(
            (
                words(split),
                Cell(notation.count(size), (size,)),
                Cell(notation.bare_percent(share), (share,)),
                Cell(notation.decimal(tokens, 1), (tokens,)),
                Cell(notation.count(data["truncated"][split]), (int(data["truncated"][split]),)),
            )
        )
    return Table(
        "data",
        f"The data: {data_title(data)}. Truncated: texts longer than "
        f"{analysis.study['data']['max_length']} wordpieces.",
        (
            Column("Split", ("split",), numeric=False, width="1"),
            Column("Examples", ("examples",)),
            Column(f"{class_names(analysis)[-1]} (%)", ("last_class_share",)),
            Column("Wordpieces, mean", ("mean_wordpieces",)),
            Column("Truncated", ("truncated",)),
        ),
        tuple(rows),
        wide=False,
    )


def _cut_texts(analysis: Analysis) -> str:
    cut = sum(analysis.data["truncated"].values())
    number = notation.counted(cut, "text") if cut else "none"
    return (
        f"Texts longer than {analysis.study['data']['max_length']} wordpieces are cut: {number} "
        f"{'were' if cut > 1 else 'was'}."
    )


def _note(note: str) -> str:
    """A note of the data's source as a whole sentence."""
    text = capitalised(excerpt(str(note), 240))
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
