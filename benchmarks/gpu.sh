#!/usr/bin/env bash
# Measures everything on a bare GPU machine in one call of less than 8 minutes: no network, nothing of sentilora
# installed. It needs Python with torch, transformers and peft, and benchmarks/carry from gpu_carry.sh.
#
#   benchmarks/gpu.sh [RESULTS_FOLDER] [--tiny --device cpu]
set -euo pipefail
cd "$(dirname "$0")/.."
results=${1:-benchmarks/results}
shift || true
carry=benchmarks/carry
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export HF_HUB_OFFLINE=1 PYTHONPATH="$PWD/src:$PWD" SENTILORA_CACHE="$work/cache"
python=${PYTHON:-python3}
needs='import benchmarks.harness.benchmark, benchmarks.harness.measure_ours, click'
if ! "$python" -c "$needs" 2> "$work/missing"; then
  echo "adding carried wheels: $(tail -n 1 "$work/missing")" >&2
  "$python" -m pip install --quiet --no-index --no-deps --target "$work/site" "$carry"/wheels/*.whl
  export PYTHONPATH="$PYTHONPATH:$work/site"
  "$python" -c "$needs"
fi

"$python" benchmarks/random_distilbert.py "$work/distilbert-shape" --tokenizer "$carry/minilm"
bench() { "$python" -m benchmarks --data "$carry/SST-2" --output "$results" "$@"; }
bench whole graphs --backbone "$work/distilbert-shape" --rounds 2 "${@}"
bench quality --backbone "$carry/minilm" --rounds 1 "${@}"
