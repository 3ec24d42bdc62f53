"""Low-rank updates of K runs, stacked: the brick that packed training is built from.

Every run's trained numbers lie in one row of a single tensor ``flat`` (K, P): its factors ``A`` and
``B`` for each adapted layer, then its head. The optimizer, gradient clipping, snapshots and NaN checks are
then a handful of operations on one tensor, whatever K and the number of layers are, and two runs
cannot touch each other's numbers.

Runs of different rank share a pack by zero padding: where the columns of ``A`` and the rows of ``B``
beyond a run's rank start at zero their gradients are zero too (each is a product with the other), so
they stay zero without a mask. The same holds for a run that does not target a layer: its rank there is 0.

Shape suffixes: K runs, N rows (texts x tokens), I inputs, O outputs, R rank (summed over the layers that
read the same input).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sentilora.model.frozen.layers import FrozenLinear
from sentilora.model.randomness import place_of, run_generator
from sentilora.model.updates.adapted_product import adapted_product
from sentilora.model.updates.dropout import Masks
from sentilora.study_file.arms import LoraArm, Role


@dataclass(frozen=True)
class Site:
    """One frozen linear layer that runs may adapt."""

    name: str
    """Module name in the backbone."""
    role: Role
    """What it does there."""
    layer: int
    """Number of its transformer block."""
    in_features: int
    """I."""
    out_features: int
    """O."""
    output_scale: float = 1.0
    """Factor that the frozen layer's output carries already, and its update must too."""


@dataclass(frozen=True)
class SiteGroup:
    """Sites that read the same input: one product with their frozen weights, one with their stacked ``A``.

    Their updates also share one dropout mask of that input, where PEFT draws one for each layer.
    """

    name: str
    sites: tuple[Site, ...]

    def columns(self) -> dict[str, slice]:
        """Where each site's outputs lie in those of the group, by site name."""
        columns, start = {}, 0
        for site in self.sites:
            columns[site.name] = slice(start, start + site.out_features)
            start += site.out_features
        return columns


@dataclass(frozen=True)
class AdapterRun:
    """What determines an adapter's start and its dropout: the arm and the seed."""

    arm: LoraArm
    seed: int


class AdapterStack:
    """The layout of K runs' factors, and the functions between ``flat`` and the factors.

    Args:
        groups: the sites that a backbone offers; those that no run targets are left out.
        runs: K runs, of any ranks, targets, alphas and dropouts.
        device: where the constants lie.
    """

    def __init__(self, groups: Sequence[SiteGroup], runs: Sequence[AdapterRun], device: torch.device) -> None:
        self.runs = tuple(runs)
        self._num_layers = 1 + max((site.layer for group in groups for site in group.sites), default=0)
        self.ranks: dict[str, int] = {}
        self.groups: dict[str, SiteGroup] = {}
        for group in groups:
            for site in group.sites:
                ranks = [run.arm.rank for run in runs if self._adapts(run, site)]
                if ranks:
                    self.ranks[site.name] = max(ranks)
                    self.groups[group.name] = group
        self.sizes = [size for group in self.groups.values() for size in self._block_sizes(group)]
        self.width = sum(self.sizes)
        self.place = {name: index for index, name in enumerate(self.groups)}
        places = [place_of(name) for name in self.groups]
        self._places = torch.tensor(places, dtype=torch.int32, device=device)
        self._seeds = torch.tensor([run.seed for run in runs], dtype=torch.int32, device=device)
        self._rates = torch.tensor([run.arm.dropout for run in runs], device=device)
        self._has_dropout = any(run.arm.dropout > 0 for run in runs)
        scaling = torch.tensor([run.arm.scaling for run in runs], device=device)
        self.scales = self._scales_of_a(scaling)
        self.dropout_scales = self._scales_of_a(scaling / (1 - self._rates))

    def masks(self, step: Tensor) -> Masks | None:
        """What dropout keeps at a step, or None where no run drops anything."""
        return Masks(self._seeds, self._rates, self._places, step) if self._has_dropout else None

    def _adapted(self, group: SiteGroup) -> list[Site]:
        return [site for site in group.sites if site.name in self.ranks]

    def _rank(self, group: SiteGroup) -> int:
        return sum(self.ranks[site.name] for site in self._adapted(group))

    def _block_sizes(self, group: SiteGroup) -> list[int]:
        size_a = group.sites[0].in_features * self._rank(group)
        return [size_a, *(self.ranks[site.name] * site.out_features for site in self._adapted(group))]

    def _scales_of_a(self, scaling: Tensor) -> Tensor:
        """(K, width) factors on ``flat``: in ``A`` the scaling of run and site, in ``B`` 1."""
        scales = torch.ones(len(self.runs), self.width, device=scaling.device)
        for name, factors in self.factors(scales).items():
            for site in self._adapted(self.groups[name]):
                factors.a_KIR[:, :, factors.columns[site.name]] *= scaling[:, None, None] * site.output_scale
        return scales

    def factors(self, flat: Tensor) -> dict[str, GroupFactors]:
        """Views of each group's factors in ``flat`` (K, at least ``width``), of any dtype, by group name."""
        num_runs = flat.shape[0]
        blocks = iter(flat[:, : self.width].split(self.sizes, dim=1) if self.sizes else ())
        factors = {}
        for name, group in self.groups.items():
            a_KIR = next(blocks).view(num_runs, group.sites[0].in_features, self._rank(group))
            b_KRO, start = {}, 0
            columns = {}
            for site in self._adapted(group):
                rank = self.ranks[site.name]
                b_KRO[site.name] = next(blocks).view(num_runs, rank, site.out_features)
                columns[site.name] = slice(start, start + rank)
                start += rank
            factors[name] = GroupFactors(a_KIR, b_KRO, columns)
        return factors

    def initial(self) -> Tensor:
        """(K, width) fp32 start, as PEFT draws it: ``A`` Kaiming-uniform, ``B`` zero (Hu et al. 2021, 4.1).

        Each run's draws depend on its seed, the layer's name and its rank alone.
        """
        flat = torch.zeros(len(self.runs), self.width)
        for k, run in enumerate(self.runs):
            start = {
                site.name: (_initial_a(run, site), torch.zeros(site.out_features, run.arm.rank))
                for site in self.sites_of(run)
            }
            self.write(flat[k : k + 1], k, start)
        return flat

    def sites_of(self, run: AdapterRun) -> list[Site]:
        """The sites that a run adapts, in layer order."""
        return [site for group in self.groups.values() for site in group.sites if self._adapts(run, site)]

    def _adapts(self, run: AdapterRun, site: Site) -> bool:
        return site.role in run.arm.targets and site.layer in run.arm.layer_numbers(self._num_layers)

    def read(self, row: Tensor, k: int) -> dict[str, tuple[Tensor, Tensor]]:
        """Run k's factors in PEFT's layout, ``A`` (rank, in) and ``B`` (out, rank), from its row (1, P)."""
        rank, wanted = self.runs[k].arm.rank, [site.name for site in self.sites_of(self.runs[k])]
        found = {}
        for group in self.factors(row).values():
            for name in (name for name in wanted if name in group.b_KRO):
                a_IR = group.a_KIR[0][:, group.columns[name]]
                found[name] = (a_IR[:, :rank].T.contiguous(), group.b_KRO[name][0][:rank].T.contiguous())
        return found

    def write(self, row: Tensor, k: int, factors: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Put run k's factors, in PEFT's layout, into its row (1, P): the inverse of ``read``."""
        rank = self.runs[k].arm.rank
        for group in self.factors(row).values():
            for name in (name for name in factors if name in group.b_KRO):
                a_RI, b_OR = factors[name]
                group.a_KIR[0][:, group.columns[name]][:, :rank] = a_RI.T.to(row)
                group.b_KRO[name][0][:rank] = b_OR.T.to(row)


@dataclass(frozen=True)
class GroupFactors:
    """A group's factors: all sites' ``A`` side by side, each one's columns in it, and each one's ``B``."""

    a_KIR: Tensor
    b_KRO: Mapping[str, Tensor]
    columns: Mapping[str, slice]


class Updates:
    """The updates of one forward pass: factors scaled and cast to the activations' dtype, and dropout.

    Args:
        stack: the layout.
        flat: (K, P) fp32.
        dtype: of the activations.
        step: int32 scalar tensor to draw dropout for, or None to leave dropout out.
    """

    def __init__(self, stack: AdapterStack, flat: Tensor, dtype: torch.dtype, step: Tensor | None) -> None:
        self._stack = stack
        self._masks = None if step is None else stack.masks(step)
        scales = stack.scales if self._masks is None else stack.dropout_scales
        self._factors = stack.factors((flat[:, : stack.width] * scales).to(dtype))

    def linear(
        self, group: str, layer: FrozenLinear, inputs_KNI: Tensor, plus_KNO: Tensor | None = None
    ) -> Tensor:
        """A group's frozen layer with its updates on an input, plus something else: (K, N, O)."""
        if group not in self._factors:
            return layer(inputs_KNI, plus_KNO)
        keep = None
        if self._masks is not None:
            keep = self._masks.keep(self._stack.place[group], *inputs_KNI.shape[1:])
        factors, columns = self._factors[group], self._stack.groups[group].columns()
        return adapted_product(
            layer,
            inputs_KNI,
            keep,
            factors.a_KIR,
            [(columns[site], b_KRO) for site, b_KRO in factors.b_KRO.items()],
            plus_KNO,
        )


def _initial_a(run: AdapterRun, site: Site) -> Tensor:
    bound = 1 / math.sqrt(site.in_features)  # kaiming_uniform_ with a = sqrt(5)
    a_RI = torch.empty(run.arm.rank, site.in_features)
    return a_RI.uniform_(-bound, bound, generator=run_generator(run.seed, site.name))
