"""``sentilora serve``: classifiers of a study for programs, and a page that compares them."""

from __future__ import annotations

from pathlib import Path

import click

from sentilora.cli.options import device_option, runs_option, study_folder

PACKAGES = ("captum", "fastapi", "gradio", "uvicorn")
"""What the extra ``serve`` brings."""


@click.command("serve")
@click.argument("study", default="quickstart")
@click.option(
    "--arm",
    "arms",
    multiple=True,
    help="An arm to set beside the baseline; may be repeated.  [default: the best on dev]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=7860, show_default=True, type=click.IntRange(0, 65535), help="0 takes any.")
@device_option
@runs_option
def serve_study(
    study: str, arms: tuple[str, ...], host: str, port: int, device: str, runs_folder: Path
) -> None:
    """Serve classifiers of STUDY, a folder of records or its name, with a page that compares them.

    Nothing leaves this machine: the page is served on a loopback address, without uploads, analytics or
    links out. Programs ask the same server: POST /predict, as the page's last tab says.

    \b
    Examples:
      sentilora serve quickstart
      sentilora serve runs/proposal --arm lora-8 --arm lora-16 --port 8000
    """
    import os
    from importlib.util import find_spec

    from sentilora.errors import StudyError

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise StudyError(f"serving needs {' and '.join(missing)}", remedy="pip install 'sentilora[serve]'")
    folder = study_folder(study, runs_folder)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

    from sentilora.serve.listening import listen

    with listen(host, port) as listening:
        from sentilora.serve.served_study import load_served_study
        from sentilora.serve.server import serve

        served = load_served_study(folder, arms=arms, device=device)
        serve(served, listening, host, ready=lambda url: click.echo(f"serving: {url}   (Ctrl+C ends it)"))
