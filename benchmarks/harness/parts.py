"""The parts of the benchmark: what is measured against what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.harness.classifier import classifier_folder, make_classifier, merged_folder
from benchmarks.harness.rounds import Contender
from benchmarks.harness.setup import BATCH_SIZE, BenchmarkSetup


@dataclass(frozen=True)
class Comparison:
    """A ratio of speeds, taken in each round: how many times faster ``ours`` is than the fastest peer."""

    ours: str
    """A contender."""
    peers: tuple[str, ...]
    """Contenders, of which the fastest counts."""
    factor: float = 1.0
    """Passes that the peer makes for each one of ours."""
    with_startup: bool = False
    """Count our start-up, and not the peer's."""
    goal: float | None = None
    """The ratio aimed at."""
    floor: float | None = None
    """The least that passes."""


@dataclass(frozen=True)
class Part:
    """Programs that are measured side by side, and what is read from it."""

    name: str
    """Of the part."""
    title: str
    """Of its table."""
    contenders: Sequence[Contender]
    """The programs."""
    comparisons: Sequence[Comparison] = field(default_factory=tuple)
    """The ratios."""
    prepare: Callable[[], None] | None = None
    """Makes what the programs need, before the first round."""


RECIPE = "HF Trainer + PEFT, the recipe"
"""As the proposal has it."""
TUNED = "HF Trainer + PEFT, tuned"
VARIANTS: dict[str, dict[str, object]] = {
    f"{TUNED}: eager attention": {"attention": "eager"},
    f"{TUNED}: SDPA": {"attention": "sdpa"},
    f"{TUNED}: eager, bf16 weights": {"attention": "eager", "frozen": "bf16"},
    f"{TUNED}: SDPA, bf16 weights": {"attention": "sdpa", "frozen": "bf16"},
}
"""Of the tuned peer; the fastest counts."""


def training(setup: BenchmarkSetup) -> Part:
    """K runs in a pack against the peers, in steady state."""
    scale, texts = setup.scale, setup.window_examples
    contenders = [setup.ceiling()]
    padded = {"steps": scale.padded_steps, "warmup_steps": 1}
    contenders.append(setup.peer(RECIPE, "hf_recipe.py", texts, **padded))
    for name, options in VARIANTS.items():
        contenders.append(setup.peer(name, "hf_tuned.py", texts, **setup.window(), **options))
    for num_runs in scale.num_runs:
        steps = scale.window_steps if num_runs < 4 else max(1, scale.window_steps // 2)
        name, rounds = f"packed, K={num_runs}", 1 if num_runs > scale.compared_runs else None
        contenders.append(
            setup.ours(name, "lora", texts, seeds=range(num_runs), most_rounds=rounds, **setup.window(steps))
        )
    most = scale.compared_runs
    if setup.adapters_path is not None:
        contenders.append(_parallel(setup, most))
    comparisons = [
        Comparison("packed, K=1", (RECIPE,), goal=45),
        Comparison("packed, K=1", tuple(VARIANTS), goal=2.5, floor=1.7),
        Comparison(f"packed, K={most}", tuple(VARIANTS)),
    ]
    return Part("training", "LoRA r=8 on query and value, batch 32, steady state", contenders, comparisons)


def _parallel(setup: BenchmarkSetup, num_runs: int) -> Contender:
    window = setup.window(max(1, setup.scale.window_steps // 2))
    name, texts = f"adapters, Parallel of {num_runs}", setup.window_examples
    contender = setup.peer(name, "adapters_parallel.py", texts, runs=num_runs, **window)
    return replace(contender, python_path=str(setup.adapters_path))


def whole(setup: BenchmarkSetup) -> Part:
    """Three epochs over all data from the start of the process, against the peers' steady state."""
    padded = {"steps": setup.scale.padded_steps, "warmup_steps": min(10, setup.scale.warmup_steps)}
    contenders = [setup.peer(RECIPE, "hf_recipe.py", 100 * BATCH_SIZE, **padded)]
    tuned = {**setup.window(), "attention": "sdpa", "workers": 2}
    contenders.append(setup.peer(TUNED, "hf_tuned.py", 200 * BATCH_SIZE, **tuned))
    for num_runs in setup.scale.num_runs:
        name = f"packed, K={num_runs}, 3 epochs"
        rounds = 1 if num_runs > 1 else None
        contenders.append(
            setup.ours(
                name, "lora", setup.scale.whole_examples, seeds=range(num_runs), epochs=3, most_rounds=rounds
            )
        )
    contenders.append(setup.ceiling())
    single, most = "packed, K=1, 3 epochs", f"packed, K={setup.scale.num_runs[-1]}, 3 epochs"
    comparisons = [
        Comparison(single, (RECIPE,), with_startup=True, goal=25, floor=15),
        Comparison(single, (TUNED,), with_startup=True),
        Comparison(most, (RECIPE,), with_startup=True, goal=120, floor=60),
        Comparison(most, (TUNED,), with_startup=True),
    ]
    title = "LoRA r=8, batch 32, 3 whole epochs with start-up (peers: steady state, without theirs)"
    return Part("whole", title, contenders, comparisons)


def ranks(setup: BenchmarkSetup) -> Part:
    """One run of each rank."""
    contenders = [
        setup.ours(f"packed, K=1, r={rank}", "lora", setup.window_examples, rank=rank, **setup.window())
        for rank in setup.scale.ranks
    ]
    return Part("ranks", "One run of each rank, batch 32", contenders)


def batches(setup: BenchmarkSetup) -> Part:
    """Batches of 16."""
    options = {"batch_size": 16, **setup.window()}
    texts = setup.window_examples
    ours, tuned = "packed, K=1, batch 16", f"{TUNED}, batch 16"
    contenders = [
        setup.peer(tuned, "hf_tuned.py", texts, **options),
        setup.ours(ours, "lora", texts, **options),
    ]
    return Part("batches", "LoRA r=8, batches of 16", contenders, [Comparison(ours, (tuned,))])


def fractions(setup: BenchmarkSetup) -> Part:
    """One epoch over 1 %, 10 % and 100 % of a short training set: the cost must grow linearly."""
    whole = min(setup.scale.fraction_examples, len(setup.workload.train))
    contenders = [
        setup.ours(
            f"packed, K=1, {share:.0%} ({round(whole * share)} texts)", "lora", round(whole * share), epochs=1
        )
        for share in (0.01, 0.1, 1.0)
    ]
    return Part("fractions", f"One epoch over parts of {whole} texts", contenders)


def probe(setup: BenchmarkSetup) -> Part:
    """The exact probe against three epochs of gradient descent on a frozen backbone."""
    texts = min(setup.scale.probe_examples, len(setup.workload.train))
    frozen = {"HF Trainer, frozen, the recipe": {"steps": setup.scale.padded_steps, "warmup_steps": 1}}
    tuned = {
        f"HF Trainer, frozen, tuned: {attention}": {**setup.window(), "tuned": True, "attention": attention}
        for attention in ("eager", "sdpa")
    }
    contenders: list[Contender] = []
    for name, options in (frozen | tuned).items():
        contenders.append(setup.peer(name, "hf_frozen.py", texts, **options))
    ours = {"probe, exact": texts, "probe, exact, the whole training set": setup.scale.whole_examples}
    contenders += [setup.ours(name, "probe", size, epochs=1) for name, size in ours.items()]
    comparisons = [
        Comparison(name, peers, factor=3, goal=goal, floor=floor)
        for name in ours
        for peers, goal, floor in ((tuple(frozen), None, None), (tuple(tuned), 20, 10))
    ]
    title = f"Frozen backbone, {texts} texts or all (ratios: three epochs at the peer's steady rate)"
    return Part("probe", title, contenders, comparisons)


def quality(setup: BenchmarkSetup) -> Part:
    """The same recipe packed and through PEFT, two seeds each: accuracy is held."""
    texts = round(len(setup.workload.train) * setup.scale.quality_share)
    arms = {"packed, seeds 0 and 1": ("lora", range(2))}
    arms |= {f"PEFT arm, seed {seed}": ("peft", range(seed, seed + 1)) for seed in (0, 1)}
    options = {"epochs": setup.scale.quality_epochs, "learning_rate": 1.5e-3}
    contenders = [
        setup.ours(name, kind, texts, most_rounds=1, seeds=seeds, **options)
        for name, (kind, seeds) in arms.items()
    ]
    title = f"Dev accuracy, {texts} texts, epochs: {setup.scale.quality_epochs}, learning rate 1.5e-3"
    return Part("quality", title, contenders)


def graphs(setup: BenchmarkSetup) -> Part:
    """CUDA graphs against eager steps: the same losses."""
    texts = 16 * setup.window_examples if setup.device == "cuda" else setup.window_examples
    contender = setup.ours("graphs and eager", "graphs", texts, seeds=range(2), epochs=2, most_rounds=1)
    return Part("graphs", "Losses with CUDA graphs and without, K=2", [contender])


PIPELINE = "transformers pipeline"
PIPELINE_BATCHES = (1, 8, 32)
"""1 is its default."""


def predict(setup: BenchmarkSetup) -> Part:
    """Labels for the same texts from the same classifier, through transformers' pipeline and through ours."""
    texts = min(setup.scale.predict_examples, len(setup.workload.train))
    labels = setup.folder / "labels.txt"
    pipelines = {f"{PIPELINE}, batch {size}": size for size in PIPELINE_BATCHES}
    contenders: list[Contender] = []
    for name, size in pipelines.items():
        options = {"model": merged_folder(setup), "batch_size": size, "labels": labels}
        contenders.append(setup.peer(name, "hf_pipeline.py", texts, **options))
    for name, precision in (("sentilora predict", "auto"), ("sentilora predict, fp32", "fp32")):
        model = classifier_folder(setup)
        contenders.append(setup.ours(name, "predict", texts, model=model, precision=precision, labels=labels))
    comparisons = [
        Comparison("sentilora predict", tuple(pipelines), goal=5),
        Comparison("sentilora predict, fp32", tuple(pipelines)),
    ]
    title = f"Labels of {texts} texts (pipelines: the exported classifier, fp32, by batch size)"
    return Part("predict", title, contenders, comparisons, lambda: make_classifier(setup))


PARTS: dict[str, Callable[[BenchmarkSetup], Part]] = {
    part.__name__: part
    for part in (training, ranks, batches, fractions, probe, quality, predict, whole, graphs)
}
"""All parts by name."""

DEFAULT_PARTS = {
    "cpu": ("training", "ranks", "batches", "fractions", "probe", "quality", "predict"),
    "cuda": ("whole", "graphs", "quality"),
}
