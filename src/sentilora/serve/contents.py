"""What a demo shows of a study: its analysis, its errors, and two of its classifiers, loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentilora.errors import RecordError
from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.statistics.predictions import HOME, ScoredArm, read_examples, scored_arms
from sentilora.records.record import read_study_records
from sentilora.serve.batcher import Batcher
from sentilora.serve.limits import MAX_TEXTS, MAX_WAITING_REQUESTS
from sentilora.serve.page.explorer import Explorer
from sentilora.use.predict import Classifier, load_classifier

NUM_RESAMPLES = 1000
"""Half of the report's: the demo starts a second earlier, and the ends of intervals move by less than 0.1."""


@dataclass(frozen=True)
class Contender:
    """An arm that visitors can ask."""

    arm: str
    """Its name."""
    classifier: Classifier
    """The run of its first seed."""
    batcher: Batcher
    """The same classifier, for many callers."""


@dataclass(frozen=True)
class Contents:
    """What a demo shows."""

    analysis: Analysis
    """Of the study's records."""
    baseline: Contender
    """The left side, as a rule the frozen backbone."""
    challenger: Contender
    """The right side."""
    explorer: Explorer
    """Of the test predictions."""
    report: Path
    """Where ``sentilora report`` puts the study's report; it need not be there."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class."""
        return self.challenger.classifier.labels


def load_contents(folder: Path, *, arm: str | None = None, device: str = "auto") -> Contents:
    """A study's folder, ready to be shown.

    Args:
        folder: ``runs/<study>``.
        arm: the arm to set against the baseline; the best on dev if None.
        device: where the classifiers compute.

    Raises:
        RecordError: the folder is no study, or has not two arms with scores on test, or not this one.
        AdapterError: a classifier's weights are missing or altered.
        BackboneError, HubError, AssetError: the backbone cannot be had.
    """
    study = read_study_records(folder)
    analysis = analyse(study, num_resamples=NUM_RESAMPLES)
    examples = read_examples(folder)[HOME]
    labels = tuple(study.study["data"]["label_names"])
    scored, _ = scored_arms(study.records, HOME, examples, len(labels))
    rivals = [name for name in scored if name != analysis.baseline]
    if analysis.challenger is None:
        raise RecordError(
            "a demo sets two arms side by side, and this study has one with scores on test",
            where=str(folder),
            remedy="add an arm to the study and run it again",
        )
    if arm is not None and arm not in rivals:
        raise RecordError(
            f"no arm {arm!r} to set against {analysis.baseline!r}",
            where=str(folder),
            rule=f"one of {', '.join(rivals)}",
        )
    baseline, challenger = scored[analysis.baseline], scored[arm or analysis.challenger]
    return Contents(
        analysis=analysis,
        baseline=_contender(baseline, device),
        challenger=_contender(challenger, device),
        explorer=Explorer(examples, baseline, challenger, labels),
        report=folder / "report" / "report.pdf",
    )


def _contender(arm: ScoredArm, device: str) -> Contender:
    classifier = load_classifier(arm.records[0].folder, device=device)
    batcher = Batcher(classifier.predict, max_waiting=MAX_WAITING_REQUESTS, max_texts=MAX_TEXTS)
    return Contender(arm.name, classifier, batcher)
