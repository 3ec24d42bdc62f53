"""How far a reader walks through the code: functions entered, and returns to a file that was left before.

    python benchmarks/walks.py number STUDY_FOLDER    # from a record to a number in report.pdf
    python benchmarks/walks.py record                 # from a text to a record

A command of ``sentilora`` runs under a profiler. A reader who follows it reads each function when it is first
entered, and then goes back to its caller; each time this leads to a file that was open before and left is a
return. ``record`` counts every function that a study of one arm and one seed enters. ``number`` follows one
number, the mean accuracy of an arm on a transfer set. It counts the functions that return it or what it is
computed from, or have it in a local variable (as it is, in something small, or in a text), and their callers.
The figures are in docs/explanation/architecture.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import softmax

import sentilora

ROOT = Path(sentilora.__file__).parent
MOST_VALUES = 1000
"""Values inside an object: one that holds more (all records, the whole analysis) is not looked into."""


class Walk:
    """The functions of sentilora on a way: when each was entered, and from where."""

    def __init__(self, is_followed: Callable[[object], bool] | None = None) -> None:
        """Follow all calls, or the values that ``is_followed`` tells."""
        self.is_followed = is_followed
        self.num_calls = 0
        self.call_numbers: dict[int, int] = {}
        """Identity of a frame to the number of its call."""
        self.entered: dict[CodeType, tuple[int, CodeType | None]] = {}
        """Each function on the way: the number of its call, and its caller."""

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """What ``sys.setprofile`` calls at every call and return."""
        if event not in ("call", "return") or not frame.f_code.co_filename.startswith(str(ROOT)):
            return
        if event == "call":
            self.num_calls += 1
            self.call_numbers[id(frame)] = self.num_calls
        function = frame
        while function.f_code.co_name.startswith("<") and function.f_back is not None:
            function = function.f_back  # a comprehension belongs to the function around it
        if not _is_ours(function) or function.f_code in self.entered:
            return
        if self.is_followed is None or (
            event == "return" and any(map(self.is_followed, (argument, *frame.f_locals.values())))
        ):
            self._enter(function)

    def _enter(self, frame: FrameType) -> None:
        """Note a function, and its callers before it."""
        caller = frame.f_back
        while caller is not None and not (_is_ours(caller) and id(caller) in self.call_numbers):
            caller = caller.f_back
        if caller is not None and caller.f_code not in self.entered:
            self._enter(caller)
        self.entered[frame.f_code] = self.call_numbers[id(frame)], caller and caller.f_code

    def reading_order(self) -> list[CodeType]:
        """The functions in the order in which they are entered."""
        return sorted(self.entered, key=lambda code: self.entered[code][0])

    def files(self) -> list[str]:
        """The files that a reader opens in turn: a function's when it is entered, then its caller's again."""
        called: dict[CodeType | None, list[CodeType]] = defaultdict(list)
        for code in self.reading_order():
            called[self.entered[code][1]].append(code)

        def read(code: CodeType) -> Iterator[str]:
            yield code.co_filename
            for other in called[code]:
                yield from read(other)
                yield code.co_filename

        return [file for code in called[None] for file in read(code)]

    def __str__(self) -> str:
        """The figures."""
        files = self.files()
        return (
            f"{len(self.entered)} functions entered in {len(set(files))} files, "
            f"{returns_to_files_left(files)} returns to a file left before"
        )


def returns_to_files_left(files: Iterable[str]) -> int:
    """How often a sequence of files comes back to one that it has left."""
    left: set[str] = set()
    returns, current = 0, None
    for file in files:
        if file != current:
            returns += file in left
            if current is not None:
                left.add(current)
            current = file
    return returns


def _is_ours(frame: FrameType) -> bool:
    """Whether a frame is of a function in sentilora's files; a comprehension belongs to the one around it."""
    return frame.f_code.co_filename.startswith(str(ROOT)) and not frame.f_code.co_name.startswith("<")


def holds(value: object, numbers: NDArray[np.float64], text: str) -> bool:
    """Whether a value is one of some numbers or a text, or has one somewhere inside, and little else."""
    waiting, seen, found = [value], 0, False
    while waiting:
        value, seen = waiting.pop(), seen + 1
        if seen > MOST_VALUES:
            return False
        if isinstance(value, float):
            found = found or bool((abs(numbers - value) < 1e-9).any())
        elif isinstance(value, str):
            found = found or text in value
        elif isinstance(value, np.ndarray):
            found = found or (
                value.dtype.kind == "f" and bool((abs(value[..., None] - numbers) < 1e-9).any())
            )
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value) if not field.name.startswith("_")]
            waiting += [getattr(value, name, None) for name in names]
    return found


def profile(walk: Walk, *arguments: str) -> None:
    """Run a command of ``sentilora`` under the walk's profiler."""
    from sentilora.cli import cli

    threading.setprofile(walk)
    sys.setprofile(walk)
    try:
        cli.main(list(arguments), standalone_mode=False)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def walk_to_a_number(study: Path, arm: str, transfer_set: str) -> Walk:
    """From a study's records to an arm's mean accuracy on a transfer set in its report."""
    numbers = _numbers_on_the_way(study, arm, f"transfer:{transfer_set}")
    text = f"{100 * numbers[-1]:.1f}"
    walk = Walk(lambda value: holds(value, numbers, text))
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(study, Path(folder) / study.name)
        profile(walk, "report", str(copy), "--output", str(Path(folder) / "report"))
    return walk


def _numbers_on_the_way(study: Path, arm: str, split: str) -> NDArray[np.float64]:
    """What becomes the number: a logit and a probability of one run; and the number, the mean over seeds."""
    accuracies, scored = [], []
    for path in sorted(study.glob("*/record.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["arm"]["name"] == arm and split in record["metrics"]:
            accuracies.append(record["metrics"][split]["accuracy"])
            scored.append(path.parent)
    rows = pq.read_table(scored[0] / "predictions.parquet").to_pylist()
    logits = np.array(next(row["logits"] for row in rows if row["split"] == split))
    return np.array([logits[0], softmax(logits)[0], np.mean(accuracies)])


def walk_to_a_record(backbone: str) -> Walk:
    """From a table of texts to the record of a study of one arm and one seed."""
    walk = Walk()
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            f"a {('dull', 'fine')[i % 2]} film number {i},{('negative', 'positive')[i % 2]},{split}"
            for split, size in (("train", 64), ("dev", 16), ("test", 16))
            for i in range(size)
        ]
        data, study = Path(folder) / "reviews.csv", Path(folder) / "study.toml"
        data.write_text("\n".join(["text,label,split", *rows]), encoding="utf-8")
        study.write_text(STUDY.format(data=data.as_posix(), backbone=backbone), encoding="utf-8")
        profile(walk, "run", str(study), "--runs", str(Path(folder) / "runs"), "--device", "cpu")
    return walk


STUDY = """
[study]
name = "walk"
seeds = [0]
[data]
source = "{data}"
[backbone]
name = "{backbone}"
[training]
epochs = 1
[search]
learning_rate = [1e-3]
[[arm]]
name = "lora-8"
method = "lora"
rank = 8
"""


def main() -> None:
    """Print a walk."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    walks = parser.add_subparsers(dest="walk", required=True)
    number = walks.add_parser("number", help="from a record to a number in the report")
    number.add_argument("study", type=Path, help="folder of records with transfer scores, results/plan-b say")
    number.add_argument("--arm", default="lora-8")
    number.add_argument("--transfer-set", default="amazon")
    record = walks.add_parser("record", help="from a text to a record")
    record.add_argument("--backbone", default="minilm")
    parser.add_argument("--list", action="store_true", help="the functions, in reading order")
    options = parser.parse_args()
    if options.walk == "number":
        walk = walk_to_a_number(options.study, options.arm, options.transfer_set)
    else:
        walk = walk_to_a_record(options.backbone)
    if options.list:
        for code in walk.reading_order():
            print(f"{Path(code.co_filename).relative_to(ROOT)}: {code.co_qualname}")
    print(walk)


if __name__ == "__main__":
    main()
