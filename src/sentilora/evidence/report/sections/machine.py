"""The machine: where the runs ran, with which versions, and what they cost together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Section, paragraph
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.numbers import NBSP, sentence
from sentilora.evidence.writing.safe_text import excerpt

_MOST_ENVIRONMENTS = 2


def section(analysis: Analysis) -> Section:
    """The commonest environments and the cost of the whole study."""
    environments, text = analysis.environments, []
    for environment in environments[:_MOST_ENVIRONMENTS]:
        runs = notation.counted(environment.num_runs, "run")
        every = "all " if len(environments) == 1 and environment.num_runs > 1 else ""
        text.append(f"{every}{runs} ran on {_device(environment.fields)}{_versions(environment.fields)}")
    more = len(environments) - _MOST_ENVIRONMENTS
    if more > 0:
        text.append(f"{notation.counted(more, 'further environment')} in the records")
    text.append(
        f"together they trained for {notation.duration(analysis.totals.train_seconds)} and occupied "
        f"{notation.size(analysis.totals.bytes_on_disk)}"
    )
    return Section(heading="Machine", body=paragraph(sentence("; ".join(text))))


def _device(fields: Mapping[str, Any]) -> str:
    name = excerpt(str(fields.get("device_name") or fields.get("processor") or "an unnamed processor"), 60)
    threads = fields.get("threads")
    if fields.get("device") == "cpu" and isinstance(threads, int):
        return f"{name} ({notation.counted(threads, 'thread')})"
    return name


def _versions(fields: Mapping[str, Any]) -> str:
    """Python, the packages that compute, and this code with its commit."""
    versions = {"Python": fields.get("python"), **fields.get("versions", {})}
    names = ("Python", "torch", "transformers", "peft", "sentilora")
    shown = [excerpt(f"{name}{NBSP}{versions[name]}", 30) for name in names if versions.get(name)]
    git = fields.get("git") or {}
    changed = ", changed" if git.get("changed") else ""
    commit = f" (commit{NBSP}{excerpt(str(git['commit'])[:7], 7)}{changed})" if "commit" in git else ""
    return f", {', '.join(shown)}{commit}" if shown else ""
