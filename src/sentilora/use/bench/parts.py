"""What is measured against what: the parts of the benchmark, each a list of programs and of ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sentilora.use.bench.rounds import Contender
from sentilora.use.bench.workload import Workload

MEASURE = ("-m", "sentilora.use.bench.measure")
BATCH_SIZE = 32


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        window_steps: steps in a window, batches of 32; the texts are as many as fill it once.
        padded_steps: steps in a window where every text is padded to 128 and all batches cost the same.
        warmup_steps: steps before a window: one pass over the texts, which shows it every batch shape.
            A shape's first batch compiles its products, which a study pays once and a short window always.
        fraction_examples: texts that are 100 % in the part on training-set sizes.
        probe_examples: texts that the probes are trained on.
        whole_examples: texts of the part ``whole``; None for all.
        quality_share: share of the data that accuracies are measured with.
        quality_epochs: passes over them.
        num_runs: values of K.
        ranks: ranks to try at K = 1.
    """

    window_steps: int = 64
    padded_steps: int = 5
    warmup_steps: int = 64
    fraction_examples: int = 4096
    probe_examples: int = 4096
    whole_examples: int | None = None
    quality_share: float = 0.1
    quality_epochs: int = 1
    num_runs: tuple[int, ...] = (1, 2, 4, 8)
    ranks: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)


TINY = Scale(
    window_steps=2,
    padded_steps=1,
    warmup_steps=1,
    fraction_examples=100,
    probe_examples=64,
    whole_examples=64,
    quality_share=0.001,
    num_runs=(1, 2),
    ranks=(1, 8),
)
"""Enough to see that every program runs; its figures mean nothing."""

ON_GPU = Scale(num_runs=(1, 16, 32), padded_steps=100, window_steps=100)


@dataclass(frozen=True)
class Comparison:
    """A ratio of speeds, taken in each round: how many times faster ``ours`` is than the fastest peer.

    Attributes:
        ours: a contender.
        peers: contenders, of which the fastest counts.
        factor: passes that the peer makes for each one of ours.
        with_startup: count our start-up, and not the peer's.
        goal: the ratio aimed at.
        floor: the least that passes.
    """

    ours: str
    peers: tuple[str, ...]
    factor: float = 1.0
    with_startup: bool = False
    goal: float | None = None
    floor: float | None = None


@dataclass(frozen=True)
class Part:
    """Programs that are measured side by side, and what is read from it."""

    name: str
    title: str
    contenders: Sequence[Contender]
    comparisons: Sequence[Comparison] = field(default_factory=tuple)


@dataclass(frozen=True)
class Bench:
    """Everything that parts are made from.

    Attributes:
        model: folder or hub id of the backbone.
        workload: the texts.
        folder: where the texts are written to for the programs.
        device: where they run.
        scale: how much they do.
        peers: folder of the peers' scripts, None to leave them out.
        adapters_path: folder that the ``adapters`` library was installed into with the versions it needs.
    """

    model: str
    workload: Workload
    folder: Path
    device: Literal["cpu", "cuda"]
    scale: Scale
    peers: Path | None = None
    adapters_path: Path | None = None

    def data(self, num_train: int | None) -> str:
        """A folder with the first ``num_train`` training texts, or all of them."""
        name = "all" if num_train is None else str(num_train)
        folder = self.folder / name
        return str(folder if folder.is_dir() else self.workload.write(folder, num_train))

    @property
    def window_examples(self) -> int:
        """As many texts as fill a window of batches of 32."""
        return min(self.scale.window_steps * BATCH_SIZE, len(self.workload.train) // BATCH_SIZE * BATCH_SIZE)

    def ours(self, name: str, kind: str, num_train: int | None, **options: object) -> Contender:
        """A measurement of ours."""
        most_rounds = options.pop("most_rounds", None)
        arguments = (*MEASURE, kind, *self._arguments(num_train, options))
        return Contender(name, arguments, most_rounds if isinstance(most_rounds, int) else None)

    def peer(self, name: str, script: str, num_train: int | None, **options: object) -> list[Contender]:
        """A measurement of a peer, where there are peers."""
        if self.peers is None:
            return []
        return [Contender(name, (str(self.peers / script), *self._arguments(num_train, options)))]

    def _arguments(self, num_train: int | None, options: dict[str, object]) -> list[str]:
        arguments = ["--model", self.model, "--data", self.data(num_train), "--device", self.device]
        for option, value in options.items():
            flag = f"--{option.replace('_', '-')}"
            if value is True:
                arguments.append(flag)
            elif isinstance(value, range):
                arguments += [flag, *map(str, value)]
            else:
                arguments += [flag, str(value)]
        return arguments

    def window(self, steps: int | None = None) -> dict[str, object]:
        """The options of a window of steps."""
        return {"steps": steps or self.scale.window_steps, "warmup_steps": self.scale.warmup_steps}


RECIPE = "HF Trainer + PEFT, the recipe"
TUNED = "HF Trainer + PEFT, tuned"
VARIANTS: dict[str, dict[str, object]] = {
    f"{TUNED}: eager attention": {"attention": "eager"},
    f"{TUNED}: SDPA": {"attention": "sdpa"},
    f"{TUNED}: eager, bf16 weights": {"attention": "eager", "frozen": "bf16"},
    f"{TUNED}: SDPA, bf16 weights": {"attention": "sdpa", "frozen": "bf16"},
}


def training(bench: Bench) -> Part:
    """K runs in a pack against the peers, in steady state."""
    scale, texts = bench.scale, bench.window_examples
    contenders = [Contender("ceiling", (*MEASURE, "ceiling", "--device", bench.device))]
    padded = {"steps": scale.padded_steps, "warmup_steps": 1}
    contenders += bench.peer(RECIPE, "hf_recipe.py", texts, **padded)
    for name, options in VARIANTS.items():
        contenders += bench.peer(name, "hf_tuned.py", texts, **bench.window(), **options)
    for num_runs in scale.num_runs:
        steps = scale.window_steps if num_runs < 4 else max(1, scale.window_steps // 2)
        seeds = range(num_runs)
        contenders.append(
            bench.ours(f"packed, K={num_runs}", "lora", texts, seeds=seeds, **bench.window(steps))
        )
    if bench.adapters_path is not None and bench.peers is not None:
        contenders += _parallel(bench, scale.num_runs[-1])
    comparisons = []
    if bench.peers is not None:
        most = scale.num_runs[-1]
        comparisons = [
            Comparison("packed, K=1", (RECIPE,), goal=45),
            Comparison("packed, K=1", tuple(VARIANTS), goal=2.5, floor=1.7),
            Comparison(f"packed, K={most}", tuple(VARIANTS)),
        ]
    return Part("training", "LoRA r=8 on query and value, batch 32, steady state", contenders, comparisons)


def _parallel(bench: Bench, num_runs: int) -> list[Contender]:
    steps = max(1, bench.scale.window_steps // 2)
    found = bench.peer(
        f"adapters, Parallel of {num_runs}",
        "adapters_parallel.py",
        bench.window_examples,
        runs=num_runs,
        **bench.window(steps),
    )
    return [Contender(c.name, c.arguments, python_path=str(bench.adapters_path)) for c in found]


def whole(bench: Bench) -> Part:
    """Three epochs over all data from the start of the process, against the peers' steady state."""
    padded = {"steps": bench.scale.padded_steps, "warmup_steps": 10}
    contenders = bench.peer(RECIPE, "hf_recipe.py", 100 * BATCH_SIZE, **padded)
    tuned = {**bench.window(), "attention": "sdpa", "workers": 2}
    contenders += bench.peer(TUNED, "hf_tuned.py", 200 * BATCH_SIZE, **tuned)
    for num_runs in bench.scale.num_runs:
        name = f"packed, K={num_runs}, 3 epochs"
        rounds = 1 if num_runs > 1 else None
        contenders.append(
            bench.ours(
                name, "lora", bench.scale.whole_examples, seeds=range(num_runs), epochs=3, most_rounds=rounds
            )
        )
    contenders.append(Contender("ceiling", (*MEASURE, "ceiling", "--device", bench.device)))
    comparisons = []
    if bench.peers is not None:
        single, most = "packed, K=1, 3 epochs", f"packed, K={bench.scale.num_runs[-1]}, 3 epochs"
        comparisons = [
            Comparison(single, (RECIPE,), with_startup=True, goal=25, floor=15),
            Comparison(single, (TUNED,), with_startup=True),
            Comparison(most, (RECIPE,), with_startup=True, goal=120, floor=60),
            Comparison(most, (TUNED,), with_startup=True),
        ]
    title = "LoRA r=8, batch 32, 3 whole epochs with start-up (peers: steady state, without theirs)"
    return Part("whole", title, contenders, comparisons)


def ranks(bench: Bench) -> Part:
    """One run of each rank."""
    contenders = [
        bench.ours(f"packed, K=1, r={rank}", "lora", bench.window_examples, rank=rank, **bench.window())
        for rank in bench.scale.ranks
    ]
    return Part("ranks", "One run of each rank, batch 32", contenders)


def batches(bench: Bench) -> Part:
    """Batches of 16."""
    options = {"batch_size": 16, **bench.window()}
    texts = bench.window_examples
    contenders = bench.peer(f"{TUNED}, batch 16", "hf_tuned.py", texts, **options)
    contenders.append(bench.ours("packed, K=1, batch 16", "lora", texts, **options))
    pairs = [Comparison("packed, K=1, batch 16", (f"{TUNED}, batch 16",))] if bench.peers else []
    return Part("batches", "LoRA r=8, batches of 16", contenders, pairs)


def fractions(bench: Bench) -> Part:
    """One epoch over 1 %, 10 % and 100 % of a short training set: the cost must grow linearly."""
    whole = min(bench.scale.fraction_examples, len(bench.workload.train))
    contenders = [
        bench.ours(
            f"packed, K=1, {share:.0%} ({round(whole * share)} texts)", "lora", round(whole * share), epochs=1
        )
        for share in (0.01, 0.1, 1.0)
    ]
    return Part("fractions", f"One epoch over parts of {whole} texts", contenders)


def probe(bench: Bench) -> Part:
    """The exact probe against three epochs of gradient descent on a frozen backbone."""
    texts = min(bench.scale.probe_examples, len(bench.workload.train))
    frozen = {"HF Trainer, frozen, the recipe": {"steps": bench.scale.padded_steps, "warmup_steps": 1}}
    tuned = {
        f"HF Trainer, frozen, tuned: {attention}": {**bench.window(), "tuned": True, "attention": attention}
        for attention in ("eager", "sdpa")
    }
    contenders: list[Contender] = []
    for name, options in (frozen | tuned).items():
        contenders += bench.peer(name, "hf_frozen.py", texts, **options)
    contenders.append(bench.ours("probe, exact", "probe", texts, epochs=1))
    comparisons = [
        Comparison("probe, exact", tuple(frozen), factor=3),
        Comparison("probe, exact", tuple(tuned), factor=3, goal=20, floor=10),
    ]
    title = f"Frozen backbone, {texts} texts (three epochs at the peer's steady rate)"
    return Part("probe", title, contenders, comparisons if bench.peers else [])


def quality(bench: Bench) -> Part:
    """The same recipe packed and through PEFT, two seeds each: accuracy is held."""
    texts = round(len(bench.workload.train) * bench.scale.quality_share)
    options: dict[str, object] = {
        "epochs": bench.scale.quality_epochs, "learning_rate": 1.5e-3, "most_rounds": 1
    }  # fmt: skip
    contenders = [
        bench.ours("packed, seeds 0 and 1", "lora", texts, seeds=range(2), **options),
        *(bench.ours(f"PEFT arm, seed {s}", "peft", texts, seeds=range(s, s + 1), **options) for s in (0, 1)),
    ]
    title = f"Dev accuracy, {texts} texts, epochs: {bench.scale.quality_epochs}, learning rate 1.5e-3"
    return Part("quality", title, contenders)


def graphs(bench: Bench) -> Part:
    """CUDA graphs against eager steps: the same losses."""
    texts = 16 * bench.window_examples if bench.device == "cuda" else bench.window_examples
    contender = bench.ours("graphs and eager", "graphs", texts, seeds=range(2), epochs=2, most_rounds=1)
    return Part("graphs", "Losses with CUDA graphs and without, K=2", [contender])


PARTS: dict[str, Callable[[Bench], Part]] = {
    part.__name__: part for part in (training, ranks, batches, fractions, probe, quality, whole, graphs)
}

DEFAULT_PARTS = {
    "cpu": ("training", "ranks", "batches", "fractions", "probe", "quality"),
    "cuda": ("whole", "graphs", "quality"),
}
