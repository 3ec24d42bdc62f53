"""Many callers share one classifier: the texts that wait are predicted in one batch.

50 clients that send one text each are answered in batches of up to 50, at several times the rate of one by
one. The queue is bounded: a caller who finds it full is told so at once.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sentilora.use.predict import Prediction


class BusyError(Exception):
    """So many requests wait that this one would not be answered in time."""


class Batcher:
    """Answers callers in the order they come, as many at once as wait.

    Args:
        predict: predictions of texts, in their order.
        max_waiting: requests that may wait.
        max_texts: texts to predict at once, at least those of one request.
    """

    def __init__(
        self, predict: Callable[[Sequence[str]], list[Prediction]], *, max_waiting: int, max_texts: int
    ) -> None:
        self._predict = predict
        self._max_texts = max_texts
        self._waiting: queue.Queue[tuple[list[str], Future[list[Prediction]]]] = queue.Queue(max_waiting)
        self._executor = ThreadPoolExecutor(max_workers=1)
        threading.Thread(target=self._work, name="batcher", daemon=True).start()

    def submit(self, texts: Sequence[str]) -> Future[list[Prediction]]:
        """Queue these texts; the future gives their predictions. Cancelled while it waits, it is never begun.

        Raises:
            BusyError: the queue is full.
        """
        future: Future[list[Prediction]] = Future()
        try:
            self._waiting.put_nowait((list(texts), future))
        except queue.Full:
            raise BusyError from None
        return future

    def _work(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while sum(len(texts) for texts, _ in batch) < self._max_texts:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            self._answer([(t, f) for t, f in batch if f.set_running_or_notify_cancel()])

    def _answer(self, batch: list[tuple[list[str], Future[list[Prediction]]]]) -> None:
        predicted = self._executor.submit(self._predict, [text for texts, _ in batch for text in texts])
        error = predicted.exception()  # told to its callers; the next batch goes on
        if error is not None:
            for _, future in batch:
                future.set_exception(error)
            return
        predictions = iter(predicted.result())
        for texts, future in batch:
            future.set_result([next(predictions) for _ in texts])
