"""What a claim states: bounds by quantity, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sentilora.study_file.claims import Claim


def test_a_plain_number_is_the_least_of_an_accuracy_and_the_most_of_a_cost() -> None:
    claim = Claim(arm="a", over="b", accuracy=0.9, gain=0.02, training_minutes=10, f1=(None, 0.8))
    assert claim.bounds("accuracy") == (0.9, None)
    assert claim.bounds("gain") == (0.02, None)
    assert claim.bounds("training_minutes") == (None, 10)
    assert claim.bounds("f1") == (None, 0.8)


def test_about_turns_a_plain_number_into_a_span_and_leaves_spans_alone() -> None:
    claim = Claim(arm="a", about=True, training_minutes=10, peak_memory_gb=(1, 2))
    assert claim.bounds("training_minutes") == (8, 12.5)
    assert claim.bounds("peak_memory_gb") == (1, 2)
    assert set(claim.quantities()) == {"training_minutes", "peak_memory_gb"}


@pytest.mark.parametrize("stated", [{"peak_memory_gb": (1, 2)}, {"over": "b", "better": True}])
def test_about_needs_a_number_to_be_about(stated: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="about = true needs a plain number"):
        Claim.model_validate({"arm": "a", "about": True, **stated})
