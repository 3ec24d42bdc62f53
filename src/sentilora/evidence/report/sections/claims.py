"""Claims: how the claims and the risks that the study stated beforehand fared."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Block, Section, Slide, paragraph
from sentilora.evidence.statistics.judged_claims import JudgedClaim
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
    """How the claims fared, in one or two sentences; nothing where the study states none."""
    sentences = []
    verdicts = [claim.verdict for claim in analysis.claims if claim.kind == "claim"]
    if verdicts:
        fates = (
            (verdicts.count("held"), "held", "held"),
            (verdicts.count("refuted"), "is refuted", "are refuted"),
            (verdicts.count("undecided"), "is undecided", "are undecided"),
        )
        shown = [notation.counted(*fate) for fate in fates if fate[0]]
        noun = notation.counted(len(verdicts), "claim")
        sentences.append(f"Of {noun} stated before the runs, {notation.listed(shown)}.")
    present = sum(claim.verdict == "present" for claim in analysis.claims)
    if present:
        number = capitalised(notation.counted(present, "risk"))
        sentences.append(f"{number} that the study named came true.")
    return sentences


def claims_table(analysis: Analysis) -> Table:
    """The claims of the study file, in their author's words, and what the records say."""
    return Table(
        "claims",
        "The study's claims, worded before the runs, and what the records say to them.",
        (
            Column("Claim", ("claim", "kind"), numeric=False, width="1"),
            Column("Verdict", ("verdict",), numeric=False),
            Column("What was found", ("found",), numeric=False, width="1.4"),
        ),
        tuple(
            (
                Cell(excerpt(claim.wording, 200), (excerpt(claim.wording, 200), claim.kind)),
                words(claim.verdict),
                words(excerpt(_found(analysis, claim), 420)),
            )
            for claim in analysis.claims
        ),
    )


def _verdicts(analysis: Analysis) -> list[str]:
    text = claims_summary(analysis)
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


def _found(analysis: Analysis, claim: JudgedClaim) -> str:
    return " ".join(finding_sentence(analysis, claim, finding) for finding in claim.findings)


def _quoted(claim: JudgedClaim) -> str:
    return f"“{excerpt(claim.wording, 140)}”"
