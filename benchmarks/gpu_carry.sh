#!/usr/bin/env bash
# Gathers into benchmarks/carry what gpu.sh needs on a machine without a network (about 60 MB):
# MiniLM in half precision, SST-2, and wheels of the packages that such a machine may lack.
#
#   SENTILORA_SST2_DIR=... benchmarks/gpu_carry.sh [PYTHON_VERSION_THERE, default 3.12]
set -euo pipefail
cd "$(dirname "$0")/.."
python_version=${1:-3.12}
carry=benchmarks/carry
mkdir -p "$carry/SST-2" "$carry/wheels"

cp "${SENTILORA_SST2_DIR:?the folder of GLUE SST-2}"/{train,dev,test}.tsv "$carry/SST-2/"

python - "$carry/minilm" <<'PYTHON'
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from sentilora.fetch.assets import fetch_asset

source, target = fetch_asset("minilm"), Path(sys.argv[1])
shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors", ".*"))
weights = load_file(source / "model.safetensors")
half = {name: t.half() if t.dtype == torch.float32 else t for name, t in weights.items()}
save_file(half, target / "model.safetensors", metadata={"format": "pt"})
PYTHON

packages=(annotated-types beautifulsoup4 mailbits platformdirs pydantic pydantic-core pypi-simple soupsieve typing-inspection)
pip freeze | grep -i -E "^($(IFS='|'; echo "${packages[*]//-/[-_]}"))==" > "$carry/wheels/packages.txt"
pip download --quiet --no-deps --only-binary=:all: --python-version "$python_version" --implementation cp \
  --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --platform any \
  --dest "$carry/wheels" --requirement "$carry/wheels/packages.txt"
du -sh "$carry"
