"""What is left out: arms without scores, failed runs and records that are not used, before any result."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Block, Section
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.numbers import capitalised
from sentilora.evidence.writing.safe_text import ELLIPSIS, excerpt
from sentilora.evidence.writing.tables import Column, Table, words

_MOST_SHOWN = 5


def section(analysis: Analysis) -> Section | None:
    """The first few notices, and a file with all; None where everything was used."""
    lines = left_out(analysis)
    if not lines:
        return None
    shown = lines[:_MOST_SHOWN]
    if len(lines) > len(shown):
        shown.append(f"And {notation.count(len(lines) - len(shown))} more, in tables/left-out.csv.")
    table = Table(
        "left-out",
        "What is left out of the report, and why.",
        (Column("What", ("left_out",), numeric=False, width="1"),),
        tuple((words(line),) for line in lines),
    )
    return Section(body=(Block("notice", tuple(shown)),), files=(table,))


def left_out(analysis: Analysis) -> list[str]:
    """One sentence for each arm without scores, each kind of failure, and each record that is not used."""
    lines = [
        f"{arm.name} has no test scores: {arm.reason}" for arm in analysis.arms if arm.reason is not None
    ]
    failures: dict[tuple[str, str], list[str]] = {}
    for run in analysis.failures:
        where = f"{run.run_id} at step {notation.count(run.step)}"
        failures.setdefault((run.arm, run.reason), []).append(where)
    for (arm, reason), runs in failures.items():
        number = capitalised(notation.counted(len(runs), "run"))
        lines.append(f"{number} of {arm} failed ({reason}): {', '.join(runs)}")
    lines += [f"Left out: {problem}" for problem in analysis.problems]
    shown = [excerpt(line.rstrip("."), 300) for line in lines]
    return [line if line.endswith(ELLIPSIS) else f"{line}." for line in shown]
