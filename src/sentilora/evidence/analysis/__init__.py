"""What the records show, as one typed value: report, slides, tables and demo read this and nothing else.

Frozen dataclasses of plain numbers, strings, tuples and dicts, so that ``to_json`` is complete. Rates,
accuracies, shares and their differences run from 0 to 1 (nobody multiplies by 100 before printing), times
are seconds, sizes bytes. A number that cannot be known is None, with a sentence beside it, never 0 or NaN.

Arms come in the order of the study file wherever there is one entry an arm, and ``per_seed`` values in the
order of the arm's ``seeds``.
"""

from sentilora.evidence.analysis.arms import (
    ArmResult,
    CalibrationBin,
    Costs,
    FailedRun,
    Parameters,
    RateTrial,
    Scores,
)
from sentilora.evidence.analysis.errors import (
    Disagreements,
    ExampleList,
    ShownExample,
    Slice,
    SliceError,
    SliceExtreme,
    SliceGain,
)
from sentilora.evidence.analysis.estimates import (
    Estimate,
    Interval,
    Spread,
    StatisticsSettings,
    Verdict,
)
from sentilora.evidence.analysis.learning import (
    Band,
    Curve,
    Overfitting,
    TradeoffPoint,
    TransferScore,
    TransferSet,
)
from sentilora.evidence.analysis.pairs import (
    Difference,
    Equivalence,
    Finding,
    JudgedClaim,
    McNemar,
    Pair,
    Superiority,
)
from sentilora.evidence.analysis.whole import (
    Analysis,
    Environment,
    Totals,
)

__all__ = [
    "Analysis",
    "ArmResult",
    "Band",
    "CalibrationBin",
    "Costs",
    "Curve",
    "Difference",
    "Disagreements",
    "Environment",
    "Equivalence",
    "Estimate",
    "ExampleList",
    "FailedRun",
    "Finding",
    "Interval",
    "JudgedClaim",
    "McNemar",
    "Overfitting",
    "Pair",
    "Parameters",
    "RateTrial",
    "Scores",
    "ShownExample",
    "Slice",
    "SliceError",
    "SliceExtreme",
    "SliceGain",
    "Spread",
    "StatisticsSettings",
    "Superiority",
    "Totals",
    "TradeoffPoint",
    "TransferScore",
    "TransferSet",
    "Verdict",
]
