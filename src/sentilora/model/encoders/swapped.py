"""Any supported encoder as K runs see it, through transformers' own modules.

For the families that ``post_norm.PostNormEncoder`` does not compute (DeBERTa-v3, ModernBERT, unusual
activations): K runs' texts go through the model as one batch, and each linear layer that a run adapts is
swapped for one that adds the stacked updates. Slower than ``PostNormEncoder`` (everything else is
transformers' code), but it needs to know nothing of the family.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from sentilora.model.backbone.loading import Backbone
from sentilora.model.frozen.layers import FrozenLinear
from sentilora.model.updates.adapter_stack import Site, SiteGroup, Updates
from sentilora.study_file.arms import Role


class SwappedEncoder:
    """The forward pass of K runs over one frozen transformers encoder.

    Args:
        backbone: any.
        device: where to compute.
        dtype: of frozen weights and activations.

    Attributes:
        packable: whether more than one run can share a forward pass.
    """

    def __init__(self, backbone: Backbone, device: torch.device, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.packable = backbone.family.packable
        self._pad_token_id = backbone.pad_token_id
        self._encoder = copy.deepcopy(backbone.encoder).to(device, dtype).eval()
        self._layers = []
        for site in _sites(backbone):
            parent, _, name = site.name.rpartition(".")
            linear = backbone.encoder.get_submodule(site.name)
            assert isinstance(linear, nn.Linear)
            layer = _AdaptedLinear(FrozenLinear([linear], device, dtype), site)
            setattr(self._encoder.get_submodule(parent), name, layer)
            self._layers.append(layer)

    def groups(self) -> list[SiteGroup]:
        """The sites that adapters can take, each by itself, in layer order."""
        return [SiteGroup(layer.site.name, (layer.site,)) for layer in self._layers]

    def __call__(self, input_ids: Tensor, mask: Tensor | None, updates: Updates, num_runs: int) -> Tensor:
        """Last hidden states (K, S, T, H); arguments as for ``PostNormEncoder``."""
        ids = input_ids.expand(num_runs, -1, -1).flatten(0, 1)
        attention = torch.ones_like(input_ids) if mask is None else mask.to(torch.int64)
        attention = attention.expand(num_runs, -1, -1).flatten(0, 1)
        for layer in self._layers:
            layer.updates, layer.num_runs = updates, num_runs
        hidden: Tensor = self._encoder(input_ids=ids, attention_mask=attention).last_hidden_state
        return hidden.view(num_runs, -1, *hidden.shape[1:])


class _AdaptedLinear(nn.Module):
    """A frozen linear layer that adds the current updates of K runs to what it puts out."""

    updates: Updates
    num_runs: int

    def __init__(self, frozen: FrozenLinear, site: Site) -> None:
        super().__init__()
        self.site = site
        self._frozen = frozen

    def forward(self, inputs: Tensor) -> Tensor:
        rows_KNI = inputs.reshape(self.num_runs, -1, inputs.shape[-1])
        outputs_KNO = self.updates.linear(self.site.name, self._frozen, rows_KNI)
        return outputs_KNO.view(*inputs.shape[:-1], -1)


def _sites(backbone: Backbone) -> list[Site]:
    """Every linear layer that a role names, in layer order; a fused layer is one site, by its first role."""
    role_of: dict[str, Role] = {}
    for role, pattern in backbone.family.layers.items():
        role_of.setdefault(pattern, role)
    sites = []
    for layer in range(backbone.num_layers):
        for pattern, role in role_of.items():
            name = pattern.format(layer)
            linear = backbone.encoder.get_submodule(name)
            assert isinstance(linear, nn.Linear)
            sites.append(Site(name, role, layer, linear.in_features, linear.out_features))
    return sites
