"""The socket to serve on."""

from __future__ import annotations

import pytest

from sentilora.errors import StudyError
from sentilora.serve.listening import listen


def test_a_taken_port_is_an_error() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StudyError, match="cannot listen") as caught:
            listen("127.0.0.1", port)
        assert "--port" in caught.value.remedy
