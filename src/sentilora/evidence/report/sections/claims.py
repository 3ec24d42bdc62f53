"""Claims: how the claims and the risks that the study stated beforehand fared."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Block, Section, Slide, paragraph
from sentilora.evidence.statistics.judged_claims import JudgedClaim, Verdict
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.claim_sentences import finding_sentence
from sentilora.evidence.writing.numbers import capitalised
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import Cell, Column, Table, words


def section(analysis: Analysis) -> Section:
    """The verdicts in words, every claim in a table, every risk with what follows from it."""
    if not analysis.claims:
        return Section(heading="Claims", body=paragraph("The study states no claims, so none is judged."))
    risks = tuple(_risk(analysis, claim) for claim in analysis.claims if claim.kind == "risk")
    return Section(
        heading="Claims",
        body=(*paragraph(*_verdicts(analysis)), *((Block("list", risks),) if risks else ())),
        tables=(claims_table(analysis),),
        slides=(_slide(analysis),),
    )


def claims_summary(analysis: Analysis) -> list[str]:
    """How the claims fared, those on resources apart; nothing where the study states none."""
    claims = [claim for claim in analysis.claims if claim.kind == "claim"]
    groups = {
        "accuracy": [claim.verdict for claim in claims if not claim.is_about_resources],
        "resources": [claim.verdict for claim in claims if claim.is_about_resources],
    }
    sentences = [_fates(subject, verdicts) for subject, verdicts in groups.items() if verdicts]
    present = sum(claim.verdict == "present" for claim in analysis.claims)
    if present:
        number = capitalised(notation.counted(present, "risk"))
        sentences.append(f"{number} that the study named came true.")
    return sentences


def claims_table(analysis: Analysis) -> Table:
    """The claims of the study file, in their author's words, and what the records say."""
    return Table(
        "claims",
        "The study's claims, and what the records say to them.",
        (
            Column("Claim", ("claim", "kind", "stated"), numeric=False, width="1"),
            Column("Verdict", ("verdict",), numeric=False),
            Column("What was found", ("found",), numeric=False, width="1.4"),
        ),
        tuple(
            (
                _wording(claim),
                words(claim.verdict),
                words(excerpt(_found(analysis, claim), 420)),
            )
            for claim in analysis.claims
        ),
    )


def _fates(subject: str, verdicts: list[Verdict]) -> str:
    fates = (
        (verdicts.count("held"), "held", "held"),
        (verdicts.count("refuted"), "is refuted", "are refuted"),
        (verdicts.count("undecided"), "is undecided", "are undecided"),
    )
    shown = [notation.counted(*fate) for fate in fates if fate[0]]
    return f"Of {notation.counted(len(verdicts), 'claim')} about {subject}, {notation.listed(shown)}."


def _when_stated(analysis: Analysis) -> str:
    """Whether the claims were there before the runs, by what the records keep of them."""
    late = [claim for claim in analysis.claims if claim.stated_beforehand is False]
    if late:
        was = "was" if len(late) == 1 else "were"
        return (
            f"{capitalised(notation.counted(len(late), 'claim'))} {was} added or changed after runs that "
            f"judge {'it' if len(late) == 1 else 'them'}: {'; '.join(_quoted(claim) for claim in late)}."
        )
    if all(claim.stated_beforehand for claim in analysis.claims):
        return f"All were stated before the first run ({analysis.totals.first_started[:10]})."
    return "The records do not say when the claims were stated."


def _verdicts(analysis: Analysis) -> list[str]:
    text = [*claims_summary(analysis), _when_stated(analysis)]
    for verdict in ("refuted", "undecided"):
        claims = [claim for claim in analysis.claims if claim.verdict == verdict]
        if claims:
            text.append(f"{verdict.capitalize()}: {'; '.join(_quoted(claim) for claim in claims)}.")
    return [*text, f"The numbers behind each verdict are listed{see('claims')}."]


def _risk(analysis: Analysis, claim: JudgedClaim) -> str:
    """A risk the study names: whether it came true, and what follows."""
    follows = {
        "present": "This risk came true: read the gains beside this level and the costs, not alone.",
        "absent": "This risk did not come true.",
    }.get(claim.verdict, "Whether it came true is unclear at this size of test set and number of seeds.")
    return f"{_quoted(claim)}: {excerpt(_found(analysis, claim), 300)} {follows}"


def _slide(analysis: Analysis) -> Slide:
    """Claims and verdicts alone: the numbers behind them need a page."""
    summary = claims_summary(analysis)
    return Slide(
        heading=summary[0].rstrip(".") if summary else "What the study claimed",
        table=Table(
            "claims",
            "The study's claims.",
            (Column("Claim", ("claim",), numeric=False, width="1"), Column("Verdict", ("verdict",), False)),
            tuple((words(excerpt(claim.wording, 110)), words(claim.verdict)) for claim in analysis.claims),
        ),
    )


def _wording(claim: JudgedClaim) -> Cell:
    words = excerpt(claim.wording, 200)
    stated = {True: "before the runs", False: "after runs", None: "not recorded"}[claim.stated_beforehand]
    late = " (added or changed after runs)" if claim.stated_beforehand is False else ""
    return Cell(words + late, (words, claim.kind, stated))


def _found(analysis: Analysis, claim: JudgedClaim) -> str:
    return " ".join(finding_sentence(analysis, claim, finding) for finding in claim.findings)


def _quoted(claim: JudgedClaim) -> str:
    return f"“{excerpt(claim.wording, 140)}”"
