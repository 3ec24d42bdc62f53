"""Runs, identities and packs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sentilora.study.plan import RunSpec, plan_packs, plan_runs
from sentilora.study_file.study import read_study


def runs_of(
    name: str = "plan-b", data: str = "d", backbone: str = "b", precision: str = "fp32", **overrides: Any
) -> list[RunSpec]:
    study = read_study(name, {key.replace("__", "."): value for key, value in overrides.items()})
    return plan_runs(study, data_fingerprint=data, backbone_fingerprint=backbone, precision=precision)


def test_every_arm_seed_and_rate_once() -> None:
    runs = runs_of()
    assert len(runs) == 5 + 4 * 5 * 3
    assert len({run.identity for run in runs}) == len(runs) == len({run.run_id for run in runs})
    assert {(r.arm.name, r.seed, r.learning_rate) for r in runs if r.arm.name == "frozen"} == {
        ("frozen", seed, None) for seed in range(5)
    }


def test_identity_is_what_determines_the_run_and_nothing_else() -> None:
    base = runs_of()
    same = runs_of(study__name="other", claims={}, data__transfer=[], study__equivalence_margin=0.02)
    assert [run.identity for run in same] == [run.identity for run in base]
    changes = [
        runs_of(data="e"),
        runs_of(backbone="c"),
        runs_of(precision="bf16"),
        runs_of(data__train_fraction=0.2),
        runs_of(data__max_length=64),
        runs_of(training__epochs=2),
        runs_of(training__weight_decay=0.0),
    ]
    for changed in changes:
        assert not {run.identity for run in changed} & {run.identity for run in base}


def test_what_a_head_reads_is_part_of_its_runs_identity() -> None:
    """An arm with a pooling of its own stays the same run whatever the study's is."""
    by_pooling = {
        pooling: {run.run_id: run.identity for run in runs_of(backbone__pooling=pooling)}
        for pooling in ("mean", "cls")
    }
    shared = set(by_pooling["mean"].values()) & set(by_pooling["cls"].values())
    proposed = [run.identity for run in runs_of() if run.arm.name == "frozen-as-proposed"]
    assert shared == set(proposed)


def test_runs_of_one_pack_read_one_pooling() -> None:
    arms = [{"name": name, "method": "lora", "rank": 2, "pooling": name} for name in ("cls", "mean")]
    packs = plan_packs(runs_of(arm=arms, claims={}, study__seeds=[0, 1]), lora_runs_per_pack=32)
    assert [{run.arm.pooling for run in pack.runs} for pack in packs] == [{"cls"}, {"mean"}]


def test_a_run_keeps_its_identity_when_arms_and_rates_are_added() -> None:
    few = runs_of("rank-ablation", study__seeds=[3], search__learning_rate=[5e-4])
    many = runs_of("rank-ablation", study__seeds=[3, 4], search__learning_rate=[2e-4, 5e-4])
    assert {run.identity for run in few} <= {run.identity for run in many}


@given(capacity=st.integers(1, 50), name=st.sampled_from(["plan-b", "methods", "rank-ablation"]))
def test_packs_hold_every_run_once_within_capacity_and_of_one_kind(capacity: int, name: str) -> None:
    runs = runs_of(name)
    packs = plan_packs(runs, lora_runs_per_pack=capacity)
    assert sorted(run.run_id for pack in packs for run in pack.runs) == sorted(run.run_id for run in runs)
    sizes = []
    for pack in packs:
        methods = {run.arm.method for run in pack.runs}
        assert len(methods) == 1
        if methods <= {"peft", "full"}:
            assert len(pack.runs) == 1
        if methods == {"probe"}:
            assert len({run.arm.name for run in pack.runs}) == 1
        if methods == {"lora"}:
            sizes.append(len(pack.runs))
    num_lora = sum(run.arm.method == "lora" for run in runs)
    assert max(sizes) <= capacity
    assert len(sizes) == -(-num_lora // capacity)  # as few packs as can be
    assert max(sizes) == -(-num_lora // len(sizes))  # and so many, as small as can be
