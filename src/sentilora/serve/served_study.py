"""What is served of a study: some of its classifiers, loaded, its analysis and its test predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sentilora.errors import RecordError
from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.statistics.scored_arms import ScoredArm, read_examples, scored_arms
from sentilora.records.record import read_study_records
from sentilora.serve.batcher import Batcher
from sentilora.serve.error_explorer import ErrorExplorer
from sentilora.serve.server_limits import MAX_TEXTS, MAX_WAITING_REQUESTS
from sentilora.use.predict import Classifier, load_classifier


@dataclass(frozen=True)
class ServedArm:
    """An arm that can be asked."""

    arm: str
    """Its name."""
    classifier: Classifier
    """The run of its first seed."""
    batcher: Batcher
    """The same classifier, for many callers."""


@dataclass(frozen=True)
class ServedStudy:
    """What is served of a study."""

    analysis: Analysis
    """Of its records: the same numbers as in its report."""
    arms: tuple[ServedArm, ...]
    """Two or more, from left to right on the page; the first is the study's baseline, as a rule frozen."""
    explorer: ErrorExplorer
    """Of their test predictions."""
    report: Path
    """Where ``sentilora report`` puts the study's report; it need not be there."""

    @property
    def default(self) -> ServedArm:
        """The arm that answers programs that name none: the first beside the baseline."""
        return self.arms[1]

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class."""
        return self.default.classifier.labels


def load_served_study(folder: Path, *, arms: Sequence[str] = (), device: str = "auto") -> ServedStudy:
    """Analyse a study and load some of its classifiers.

    Args:
        folder: ``runs/<study>``.
        arms: to set beside the baseline; the best on dev if there are none.
        device: where the classifiers compute.

    Raises:
        RecordError: the folder is no study, or has not two arms with scores on test, or not these.
        AdapterError: a classifier's weights are missing or altered.
        BackboneError, HubError, AssetError: the backbone cannot be had.
    """
    found = read_study_records(folder)
    analysis = analyse(found)
    examples = read_examples(folder)["test"]
    labels = tuple(found.study["data"]["label_names"])
    scored, _ = scored_arms(found.records, "test", examples, len(labels))
    rivals = [name for name in scored if name != analysis.baseline]
    if analysis.challenger is None:
        raise RecordError(
            "arms are served side by side, and this study has one with scores on test",
            where=str(folder),
            remedy="add an arm to the study and run it again",
        )
    unknown = [arm for arm in arms if arm not in rivals]
    if unknown:
        raise RecordError(
            f"no arm {unknown[0]!r} to set beside {analysis.baseline!r}",
            where=str(folder),
            rule=f"one of {', '.join(rivals)}",
        )
    chosen = dict.fromkeys([analysis.baseline, *(arms or [analysis.challenger])])
    served = [scored[arm] for arm in chosen]
    return ServedStudy(
        analysis=analysis,
        arms=tuple(_load(arm, device) for arm in served),
        explorer=ErrorExplorer(examples, served, labels),
        report=folder / "report" / "report.pdf",
    )


def _load(arm: ScoredArm, device: str) -> ServedArm:
    classifier = load_classifier(arm.records[0].folder, device=device)
    batcher = Batcher(classifier.predict, max_waiting=MAX_WAITING_REQUESTS, max_texts=MAX_TEXTS)
    return ServedArm(arm.name, classifier, batcher)
