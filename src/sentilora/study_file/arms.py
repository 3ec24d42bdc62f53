"""Arms: the methods that a study compares, each with its settings."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from sentilora.errors import StudyError

Role = Literal["query", "key", "value", "output", "up", "down"]
"""What a linear layer does in a transformer block; each model family has its own name for it."""

ROLES: tuple[Role, ...] = get_args(Role)
"""All roles, in the order that a text passes them."""

Layers = (
    Literal["all"]
    | Annotated[str, Field(pattern=r"^last-[1-9][0-9]*$")]
    | Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
)
"""Which transformer blocks an arm adapts."""


Pooling = Literal["cls", "mean", "both"]
"""What a head reads of a text: the first token's state, the mean over its tokens, or the two side by side."""


class ArmSettings(BaseModel):
    """What every arm has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=60)
    """How tables, figures and claims call this arm; also the first part of its run ids."""
    learning_rate: tuple[Annotated[float, Field(gt=0, le=10)], ...] | None = None
    """Learning rates to try instead of the study's ``search.learning_rate``; the same number of them."""
    pooling: Pooling | None = None
    """What this arm's head reads, instead of ``backbone.pooling``."""
    trains: ClassVar[Literal["head", "adapters", "backbone"]]
    """What is trained: the head alone, adapters beside the frozen backbone and the head, or everything."""

    @property
    def is_solved(self) -> bool:
        """Whether its classifier is computed exactly, without gradient descent: it has no learning rate."""
        return False

    def determining_settings(self) -> dict[str, Any]:
        """What determines a run of this arm, beside its learning rate and what its head reads."""
        return self.model_dump(mode="json", exclude={"name", "learning_rate", "pooling"})


class ProbeArm(ArmSettings):
    """Frozen backbone, linear head."""

    trains = "head"
    method: Literal["probe"]
    """The method's name in the study file."""
    solver: Literal["exact", "adamw"] = "exact"
    """``exact`` solves the convex problem, its L2 strength chosen on dev; ``adamw`` trains the head by
    gradient descent with the study's recipe."""
    inverse_l2: tuple[Annotated[float, Field(gt=0)], ...] = (0.001, 0.01, 0.1, 1.0, 10.0)
    """``C`` values that ``exact`` chooses from on dev (scikit-learn's convention: larger is weaker)."""

    @property
    def is_solved(self) -> bool:
        """True for ``solver = "exact"``."""
        return self.solver == "exact"


class AdapterArm(ArmSettings):
    """What every arm has that puts adapters beside the backbone's linear layers."""

    trains = "adapters"
    targets: tuple[Role, ...] = Field(default=("query", "value"), min_length=1)
    """The linear layers that are adapted, by role."""
    layers: Layers = "all"
    """The transformer blocks they stand in: ``all``, the last few (``last-3``), or a list; 0 is the first."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        for name, values in (("targets", self.targets), ("layers", self.layers)):
            if not isinstance(values, str) and len(set(values)) != len(values):
                raise ValueError(f"{name} {list(values)} name one twice; name each once")
        return self

    def layer_numbers(self, num_layers: int) -> list[int]:
        """The adapted blocks of a backbone that has ``num_layers``, ascending.

        Raises:
            StudyError: it has not that many.
        """
        if self.layers == "all":
            return list(range(num_layers))
        if isinstance(self.layers, str):
            last = int(self.layers.removeprefix("last-"))
            numbers = list(range(num_layers - last, num_layers))
        else:
            numbers = sorted(self.layers)
        if numbers[0] < 0 or numbers[-1] >= num_layers:
            raise StudyError(
                f"arm {self.name!r} adapts layers {self.layers!r} of a backbone that has {num_layers}",
                where="layers",
                rule=f"last-1 to last-{num_layers}, or numbers from 0 to {num_layers - 1}",
            )
        return numbers

    def determining_settings(self) -> dict[str, Any]:
        """As for every arm, without ``layers = "all"``: runs from before there was a choice stay the same."""
        settings = super().determining_settings()
        return {key: value for key, value in settings.items() if (key, value) != ("layers", "all")}


class LoraArm(AdapterArm):
    """Low-rank updates of frozen linear layers (Hu et al. 2021), trained in packs."""

    method: Literal["lora"]
    """The method's name in the study file."""
    rank: int = Field(ge=1, le=1024)
    """Rows of ``A`` and columns of ``B`` in the update ``B A``."""
    alpha: float = Field(default=16, gt=0)
    """Updates are scaled by ``alpha / rank`` (``alpha / sqrt(rank)`` with ``rank_stabilized``)."""
    rank_stabilized: bool = False
    """rsLoRA's scaling (Kalajdzievski 2023)."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Share of an update's inputs that are set to zero in training."""

    @property
    def scaling(self) -> float:
        """The factor on ``B A x``."""
        return self.alpha / (self.rank**0.5 if self.rank_stabilized else self.rank)


class PeftArm(AdapterArm):
    """Any other configuration of Hugging Face PEFT, trained one run at a time."""

    method: Literal["peft"]
    """The method's name in the study file."""
    peft_type: str = "LORA"
    """PEFT's own name: LORA, ADALORA, IA3, VERA, …"""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Passed to the PEFT configuration as they are, for example ``{r = 8, use_dora = true}``."""


class FullArm(ArmSettings):
    """Full fine-tuning of the backbone and the head."""

    trains = "backbone"
    method: Literal["full"]
    """The method's name in the study file."""


Arm = Annotated[ProbeArm | LoraArm | PeftArm | FullArm, Field(discriminator="method")]
"""One arm, told from the others by its method."""
