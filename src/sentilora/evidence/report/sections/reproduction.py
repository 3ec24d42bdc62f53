"""Reproduction: which records the numbers come from, and the commands that make them again."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Block, Section, paragraph
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.study_file.study import preset_names


def section(analysis: Analysis) -> Section:
    """Fingerprints, commands and the scored runs."""
    name = excerpt(analysis.name, 80)
    data, backbone = (str(entry["fingerprint"])[:12] for entry in (analysis.data, analysis.backbone))
    study = name if analysis.name in preset_names() else f"{name}.toml"
    runs = [
        ", ".join(excerpt(run_id, 80) for run_id in outcome.run_ids) for outcome in analysis.outcomes.values()
    ]
    return Section(
        heading="Records and how to reproduce them",
        body=(
            *paragraph(
                f"Every number here is read from the records in runs/{name}; study.json there holds the "
                "study with every default and override filled in.",
                f"Data fingerprint {data}, backbone fingerprint {backbone} (SHA-256, first 12 digits).",
                "The tables folder holds every table with unrounded numbers, every run and every slice among "
                "them.",
                "Scored runs are listed below.",
            ),
            Block("commands", (f"sentilora run {study}", f"sentilora report runs/{name}")),
            Block("records", tuple(f"{line}." for line in runs)),
        ),
    )
