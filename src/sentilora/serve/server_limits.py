"""What the server takes: how much, how many at a time, for how long. Beyond it the answer is a sentence."""

MAX_CHARACTERS = 2000
"""Of one text. 128 wordpieces, which is what most studies read, are about 600."""
MAX_TEXTS = 64
"""Of one request of a program."""
MAX_BODY_BYTES = 2_000_000
"""Of any request: a pasted text of 100,000 characters still reaches the sentence that says it was cut."""
MAX_BYTES_HELD = 32_000_000
"""Of all bodies together that have not been answered yet."""
MAX_SECONDS_TO_ARRIVE = 10
"""For the headers of a request from its connection's first sign of life, and again for its body."""
MAX_WAITING_REQUESTS = 128
"""Requests of programs that wait for a classifier; 50 clients that ask in turn never fill it."""
MAX_WAITING_CLICKS = 32
"""Clicks on the page that wait; the wait for the last of them is then bounded too."""
MAX_CONNECTIONS = 512
"""At a time; who comes beyond is turned away."""
MAX_SECONDS = 10
"""Longest wait for an answer."""
ROWS_A_PAGE = 10
"""Of the table of errors."""
