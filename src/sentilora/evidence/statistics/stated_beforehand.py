"""Whether the claims and the margin were stated before the runs that judge them, by what each record keeps.

A claim that is written or changed when results are known proves nothing. Every record keeps the margin and a
digest of every claim that the study stated when the run was made; a record is sealed, so later changes show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sentilora.records.record import Record
from sentilora.study_file.claims import Claim


def claim_stated_beforehand(wording: str, claim: Claim, records: Sequence[Record]) -> bool | None:
    """Whether every run that a claim is about was made when it was stated as it is now.

    Args:
        wording: the author's words.
        claim: as the study states it.
        records: of the study; a claim on arms is about the runs of these alone.

    Returns:
        None where the records do not say.
    """
    arms = {claim.arm, claim.over} - {None}
    about = [record for record in records if not arms or record.arm in arms]
    digest = claim.digest(wording)
    return _always(about, lambda stated: digest in stated["claims"])


def margin_stated_beforehand(margin: float, records: Sequence[Record]) -> bool | None:
    """Whether every run was made when the margin of equivalence was this; None where records do not say."""
    return _always(records, lambda stated: bool(stated["equivalence_margin"] == margin))


def _always(records: Sequence[Record], holds: Callable[[Mapping[str, Any]], bool]) -> bool | None:
    """Whether something holds of what each record keeps; None where any of version 0.1.0 keeps nothing."""
    kept = [record.fields.get("stated") for record in records]
    if any(stated is not None and not holds(stated) for stated in kept):
        return False
    return None if None in kept or not kept else True
