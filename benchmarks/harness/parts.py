"""The parts of the benchmark: what is measured against what."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.harness.classifier import classifier_folder, make_classifier, merged_folder
from benchmarks.harness.plan import BATCH_SIZE, MEASURE, Bench, Comparison, Part
from benchmarks.harness.rounds import Contender

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
        name, rounds = f"packed, K={num_runs}", 1 if num_runs > scale.compared_runs else None
        contenders.append(
            bench.ours(name, "lora", texts, seeds=range(num_runs), most_rounds=rounds, **bench.window(steps))
        )
    most = scale.compared_runs
    if bench.adapters_path is not None and bench.peers is not None:
        contenders += _parallel(bench, most)
    comparisons = []
    if bench.peers is not None:
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
    padded = {"steps": bench.scale.padded_steps, "warmup_steps": min(10, bench.scale.warmup_steps)}
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
    ours = {"probe, exact": texts, "probe, exact, the whole training set": bench.scale.whole_examples}
    contenders += [bench.ours(name, "probe", size, epochs=1) for name, size in ours.items()]
    comparisons = [
        Comparison(name, peers, factor=3, goal=goal, floor=floor)
        for name in ours
        for peers, goal, floor in ((tuple(frozen), None, None), (tuple(tuned), 20, 10))
    ]
    title = f"Frozen backbone, {texts} texts or all (ratios: three epochs at the peer's steady rate)"
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


PIPELINE = "transformers pipeline"
PIPELINE_BATCHES = (1, 8, 32)
"""1 is its default."""


def predict(bench: Bench) -> Part:
    """Labels for the same texts from the same classifier, through transformers' pipeline and through ours."""
    texts = min(bench.scale.predict_examples, len(bench.workload.train))
    labels = {"labels": bench.folder / "labels.txt"}
    pipelines = {f"{PIPELINE}, batch {size}": size for size in PIPELINE_BATCHES}
    contenders: list[Contender] = []
    for name, size in pipelines.items():
        options = {"model": merged_folder(bench), "batch_size": size, **labels}
        contenders += bench.peer(name, "hf_pipeline.py", texts, **options)
    for name, precision in (("sentilora predict", "auto"), ("sentilora predict, fp32", "fp32")):
        options = {"model": classifier_folder(bench), "precision": precision, **labels}
        contenders.append(bench.ours(name, "predict", texts, **options))
    comparisons = []
    if bench.peers is not None:
        comparisons = [
            Comparison("sentilora predict", tuple(pipelines), goal=5),
            Comparison("sentilora predict, fp32", tuple(pipelines)),
        ]
    title = f"Labels of {texts} texts (pipelines: the exported classifier, fp32, by batch size)"
    return Part("predict", title, contenders, comparisons, lambda: make_classifier(bench))


PARTS: dict[str, Callable[[Bench], Part]] = {
    part.__name__: part
    for part in (training, ranks, batches, fractions, probe, quality, predict, whole, graphs)
}

DEFAULT_PARTS = {
    "cpu": ("training", "ranks", "batches", "fractions", "probe", "quality", "predict"),
    "cuda": ("whole", "graphs", "quality"),
}
