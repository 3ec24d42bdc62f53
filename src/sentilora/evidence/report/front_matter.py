"""What stands on the first page and the first slide: title, study, size and date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.abstract import title
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import data_title
from sentilora.evidence.writing.numbers import capitalised
from sentilora.evidence.writing.safe_text import excerpt


def document_properties(analysis: Analysis) -> dict[str, Any]:
    """Title, author, date and footer as both templates take them."""
    finished = last_finished(analysis)
    date = None if finished is None else {"year": finished.year, "month": finished.month, "day": finished.day}
    return {"title": title(analysis), "author": "sentilora", "date": date, "footer": _study(analysis)}


def byline(analysis: Analysis) -> str:
    """The study's name, its size and its date."""
    finished = last_finished(analysis)
    parts = [_study(analysis), notation.counted(analysis.totals.num_finished, "run")]
    if finished is not None:
        parts.append(f"{finished.day} {finished:%B %Y}")
    return " · ".join([*parts, "written by sentilora from the records alone"])


def extent(analysis: Analysis) -> str:
    """How many arms, seeds and test examples, of which data."""
    seeds = max(len(outcome.seeds) for outcome in analysis.outcomes.values())
    return (
        f"{capitalised(notation.counted(len(analysis.outcomes), 'arm'))}, {notation.counted(seeds, 'seed')}, "
        f"{notation.count(analysis.totals.num_test)} test examples of {data_title(analysis.data)}"
    )


def last_finished(analysis: Analysis) -> datetime | None:
    """When the last run finished, by the records; None where no record says so."""
    times = [environment.last_finished for environment in analysis.environments]
    try:
        return max(datetime.fromisoformat(time) for time in times) if times else None
    except (ValueError, TypeError):
        return None


def _study(analysis: Analysis) -> str:
    return f"Study {excerpt(analysis.name, 60)}"
