"""What arms may set, and what of it determines a run."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sentilora.errors import StudyError
from sentilora.study_file.arms import LoraArm, PeftArm


def lora(**settings: Any) -> LoraArm:
    return LoraArm.model_validate({"name": "a", "method": "lora", "rank": 8, **settings})


@pytest.mark.parametrize(
    ("layers", "numbers"),
    [("all", [0, 1, 2, 3, 4, 5]), ("last-1", [5]), ("last-6", [0, 1, 2, 3, 4, 5]), ([4, 1], [1, 4])],
)
def test_layers_are_blocks_counted_from_the_first(layers: object, numbers: list[int]) -> None:
    assert lora(layers=layers).layer_numbers(6) == numbers


@pytest.mark.parametrize("layers", ["last-7", [6], [0, 9]])
def test_layers_that_a_backbone_has_not_are_an_error_with_what_it_has(layers: object) -> None:
    with pytest.raises(StudyError, match="a backbone that has 6") as caught:
        lora(layers=layers).layer_numbers(6)
    assert "last-1 to last-6" in caught.value.rule


@pytest.mark.parametrize("layers", ["last-0", "last-", "first-2", [], [-1], [1, 1], "3", 2])
def test_what_is_no_choice_of_layers_is_refused(layers: object) -> None:
    with pytest.raises(ValidationError):
        lora(layers=layers)


def test_a_role_is_named_once() -> None:
    with pytest.raises(ValidationError, match="name one twice"):
        lora(targets=["query", "query"])
    with pytest.raises(ValidationError, match="name one twice"):
        PeftArm.model_validate({"name": "a", "method": "peft", "targets": ["query", "query"]})


def test_all_layers_determine_a_run_as_they_did_before_there_was_a_choice() -> None:
    assert "layers" not in lora().determining_settings()
    assert lora(layers="last-2").determining_settings()["layers"] == "last-2"
    assert lora(layers=[3]).determining_settings()["layers"] == [3]
