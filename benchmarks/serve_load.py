"""50 clients for 30 seconds against a server that it starts itself: throughput, waits, wrong answers, memory.

    python benchmarks/serve_load.py runs/quickstart

Each client sends its own texts, one a request, over a connection of its own, as soon as the answer before
has come, and compares every answer with what the classifier said before the load began. The server is a
process of its own on a loopback address; clients share the two cores with it, so the numbers are floors.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

NUM_CLIENTS = 50
SECONDS = 30
THINGS = ("film", "plot", "cast", "score", "script", "ending", "dialogue", "camera", "pacing", "idea")
FEELINGS = ("warm", "dull", "funny", "clumsy", "moving", "flat", "clever", "tired", "bright", "empty")


@dataclass
class Client:
    """What one client saw: seconds of each answer, and how many were wrong or refused."""

    texts: list[str]
    seconds: list[float] = field(default_factory=list)
    num_wrong: int = 0
    num_refused: int = 0

    def run(self, port: int, expected: dict[str, str], until: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            text = self.texts[(len(self.seconds) + self.num_refused) % len(self.texts)]
            began = time.monotonic()
            status, labels = ask(connection, [text])
            if status == 200:
                self.seconds.append(time.monotonic() - began)
                self.num_wrong += labels != [expected[text]]
            else:
                self.num_refused += 1
        connection.close()


def ask(connection: http.client.HTTPConnection, texts: list[str]) -> tuple[int, list[str]]:
    """Status, and the labels of an answer."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/predict", json.dumps({"texts": texts}), headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    return response.status, [answer["label"] for answer in body.get("answers", [])]


def load(port: int, seconds: float) -> tuple[list[Client], float]:
    """Clients after their time, and the seconds it took."""
    clients = [
        Client([f"client {i}: the {thing} is {FEELINGS[(i + n) % 10]}." for n, thing in enumerate(THINGS)])
        for i in range(NUM_CLIENTS)
    ]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    expected: dict[str, str] = {}
    for client in clients:
        status, labels = ask(connection, client.texts)
        assert status == 200, labels
        expected |= dict(zip(client.texts, labels, strict=True))
    began = time.monotonic()
    threads = [threading.Thread(target=c.run, args=(port, expected, began + seconds)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clients, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", type=Path, help="folder of records with adapters")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    parser.add_argument("--rounds", type=int, default=2, help="more tell growth from what is allocated once")
    arguments = parser.parse_args()
    command = [sys.executable, "-u", "-m", "sentilora", "serve", str(arguments.study), "--port", "0"]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            if not line:
                return 1
            print(f"started in {time.monotonic() - began:.1f} s")
            port = int(line.split()[1].rsplit(":", 1)[1])
            process = psutil.Process(server.pid)
            print("round answers/s  p50 ms  p99 ms wrong refused     MB")
            print(f"{'start':>5} {process.memory_info().rss / 1e6:46.0f}")
            wrong = 0
            for number in range(1, arguments.rounds + 1):
                clients, seconds = load(port, arguments.seconds)
                waits = np.array([wait for client in clients for wait in client.seconds])
                wrong += sum(client.num_wrong for client in clients)
                p50, p99 = 1000 * np.percentile(waits, [50, 99])
                print(
                    f"{number:>5} {len(waits) / seconds:9.0f} {p50:7.0f} {p99:7.0f} {wrong:5} "
                    f"{sum(c.num_refused for c in clients):7} {process.memory_info().rss / 1e6:6.0f}"
                )
        finally:
            server.terminate()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
