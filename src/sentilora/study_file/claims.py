"""Claims: what a study's author expects, stated before the runs and judged in the report."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from sentilora.files import canonical_json, sha256_of

Bound = float | tuple[float | None, float | None]
"""A number, the least or the most as its quantity says; or the two, ``[low, high]``."""

AT_LEAST = ("accuracy", "f1", "gain")
"""The quantities whose plain number is the least that is claimed; elsewhere it is the most."""
ABOUT_FACTOR = 1.25
"""How far a number stated as about may be missed either way: about 10 minutes is 8 to 12.5 minutes."""


class Claim(BaseModel):
    """One hypothesis, stated before the runs and judged in the report: held, refuted or undecided.

    Several quantities in one claim must all hold. A plain number means "at least" for accuracy, f1 and
    gain, "at most" for the rest, or "about" where the claim says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["claim", "risk"] = "claim"
    """A risk is a condition to look for and to discuss; finding it is no failure."""
    arm: str | None = None
    """The arm it is about; none for quantities of the whole study."""
    over: str | None = None
    """The arm that ``gain``, ``better`` and ``equivalent`` compare with."""
    about: bool = False
    """Whether plain numbers are meant as "about": missed by a factor of 1.25 at most, either way."""
    accuracy: Bound | None = None
    """Test accuracy, 0 to 1, mean over seeds."""
    f1: Bound | None = None
    """Test F1, 0 to 1, mean over seeds."""
    gain: Bound | None = None
    """Difference in test accuracy to ``over``, 0 to 1."""
    better: bool | None = None
    """More accurate than ``over``, beyond chance."""
    equivalent: bool | None = None
    """Equivalent to ``over`` within ``study.equivalence_margin``."""
    trainable_share: Bound | None = None
    """Trained parameters over all parameters, 0 to 1."""
    trainable_parameters: Bound | None = None
    """Trained parameters, head included."""
    adapter_parameters: Bound | None = None
    """Trained parameters of adapters, head not included."""
    training_minutes: Bound | None = None
    """Training time of one run, minutes of wall clock."""
    peak_memory_gb: Bound | None = None
    """Largest memory of one run's pack, 10^9 bytes."""
    storage_gb: Bound | None = None
    """What all records of the arm (or the study) occupy on disk, 10^9 bytes."""
    study_minutes: Bound | None = None
    """Training time of all runs together, minutes."""

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        quantities = self.quantities()
        if not quantities:
            raise ValueError("a claim states at least one quantity, for example accuracy = 0.9")
        if {"gain", "better", "equivalent"} & set(quantities) and not (self.over and self.arm):
            raise ValueError("gain, better and equivalent need both arm and over")
        whole_study = {"storage_gb", "study_minutes"}
        if self.arm is None and set(quantities) - whole_study:
            raise ValueError(f"{', '.join(sorted(set(quantities) - whole_study))}: name the arm it is about")
        if self.about and not any(type(stated) is float for stated in quantities.values()):
            raise ValueError("about = true needs a plain number, for example training_minutes = 10")
        return self

    def quantities(self) -> dict[str, Bound | bool]:
        """The stated quantities by name."""
        stated = self.model_dump(exclude={"kind", "arm", "over", "about"})
        return {name: bound for name, bound in stated.items() if bound is not None}

    def digest(self, wording: str) -> str:
        """What tells whether a claim was changed: SHA-256 of its wording and of all that it states."""
        return sha256_of(canonical_json([wording, self.model_dump(mode="json", exclude_defaults=True)]))

    def bounds(self, quantity: str) -> tuple[float | None, float | None]:
        """The least and the most that the claim states of a number; None where it is open."""
        stated = self.quantities()[quantity]
        if isinstance(stated, tuple):
            return stated
        if self.about:
            return stated / ABOUT_FACTOR, stated * ABOUT_FACTOR
        return (stated, None) if quantity in AT_LEAST else (None, stated)
