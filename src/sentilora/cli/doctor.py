"""``sentilora doctor``: what this machine has, a line each, with a remedy where something is amiss."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> int:
    """Check Python, versions, device, disk, cache, and the reach of the package index and the hub.

    \b
    Example:
      sentilora doctor
    """
    from sentilora.cli.machine import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            mark = {"ok": "ok  ", "note": "note", "fault": "FAULT"}[finding.state]
            remedy = f"   -> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{mark:5} {finding.subject:14} {finding.text}{remedy}")
    if as_json:
        click.echo(json.dumps([vars(finding) for finding in findings], indent=1))
    return 1 if any(finding.state == "fault" for finding in findings) else 0
