"""How numbers are written: one rule for each quantity, the same in report, slides, tables and figures.

Accuracies are percentages with one decimal, differences are points with a sign, intervals stand in
brackets, thousands are separated. A number never leaves its unit at a line's end (no-break spaces), and
a minus is a minus sign. Rounding happens here only: the CSV files hold the unrounded values.
"""

from __future__ import annotations

import math

from sentilora.evidence.statistics.estimates import Interval

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 as a percentage: 0.8953 is "89.5 %"."""
    return f"{bare_percent(share, decimals)}{NBSP}%"


def bare_percent(share: float, decimals: int = 1) -> str:
    """A share of 1 in percent without the sign, for table columns that carry the unit: "89.5"."""
    return decimal(100 * share, decimals)


def percent_interval(interval: Interval) -> str:
    """An interval of shares, in percent: "[88.1, 90.8]"."""
    return f"[{bare_percent(interval.low)},{NBSP}{bare_percent(interval.high)}]"


def points(difference: float, decimals: int = 1) -> str:
    """A signed difference of shares in percentage points: "+8.3 points"."""
    return f"{bare_points(difference, decimals)}{NBSP}points"


def unsigned_points(difference: float, decimals: int = 1) -> str:
    """The size of a difference of shares in percentage points, whatever its sign: "8.3 points"."""
    return f"{decimal(100 * abs(difference), decimals)}{NBSP}points"


def bare_points(difference: float, decimals: int = 1) -> str:
    """A signed difference of shares in points without the word: "+8.3"; zero has no sign."""
    text = decimal(100 * difference, decimals)
    positive = difference > 0 and any(digit in "123456789" for digit in text)
    return f"+{text}" if positive else text


def points_interval(interval: Interval) -> str:
    """An interval of differences, in points: "[+6.9, +9.7]"."""
    return f"[{bare_points(interval.low)},{NBSP}{bare_points(interval.high)}]"


def decimal(value: float, decimals: int) -> str:
    """A number with fixed decimals, thousands separated, never "-0.0"."""
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        is_zero = not any(digit in "123456789" for digit in text)
        return text[1:] if is_zero else MINUS + text[1:]
    return text


def count(number: int) -> str:
    """A whole number, thousands separated: "67,349"."""
    return decimal(number, 0)


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "one seed", "12 seeds"."""
    return f"{in_words(number)}{NBSP}{singular if number == 1 else plural or singular + 's'}"


def in_words(number: int) -> str:
    """A whole number, spelled out up to ten as prose does: "no", "three", "1,821"."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return small[number] if 0 <= number <= 10 else count(number)


def duration(seconds: float) -> str:
    """A time in the unit a reader would choose: "0.42 s", "83 s", "14.2 min", "3.1 h"."""
    if seconds < 10:
        return f"{decimal(seconds, 2 if seconds < 1 else 1)}{NBSP}s"
    if seconds < 120:
        return f"{decimal(seconds, 0)}{NBSP}s"
    if seconds < 7200:
        return f"{decimal(seconds / 60, 1)}{NBSP}min"
    return f"{decimal(seconds / 3600, 1)}{NBSP}h"


def size(num_bytes: float) -> str:
    """Bytes in decimal units: "590 kB", "250 MB", "1.2 GB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= factor:
            scaled = num_bytes / factor
            return f"{decimal(scaled, 0 if scaled >= 100 else 1)}{NBSP}{unit}"
    return f"{count(int(num_bytes))}{NBSP}B"


def bare_small_share(share: float) -> str:
    """A share of a model in percent, with as many decimals as it takes to be more than zero: "0.22"."""
    decimals = 4 if 0 < share < 5e-5 else 3 if 0 < share < 1e-3 else 2 if share < 0.1 else 1
    return bare_percent(share, decimals)


def p_value(p: float) -> str:
    """A p-value with its name: "p = 0.032", "p < 0.001"."""
    return f"p{NBSP}<{NBSP}0.001" if p < 0.001 else f"p{NBSP}={NBSP}{decimal(p, 3)}"


def bare_p_value(p: float) -> str:
    """A p-value for a column headed p: "0.032", "< 0.001"."""
    return f"<{NBSP}0.001" if p < 0.001 else decimal(p, 3)


def rate(learning_rate: float | None) -> str:
    """A learning rate: "1e-3" is written 0.001 down to 0.0001, then in powers: "2 × 10⁻⁵"."""
    if learning_rate is None:
        return "none"
    if learning_rate >= 1e-4:
        return f"{learning_rate:.6f}".rstrip("0")
    exponent = math.floor(math.log10(learning_rate))
    mantissa = f"{learning_rate / 10**exponent:.3g}"
    return f"{mantissa}{NBSP}×{NBSP}10{str(exponent).translate(_SUPERSCRIPTS)}"


def listed(words: list[str], last: str = "and") -> str:
    """Words as a sentence lists them: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def capitalised(words: str) -> str:
    """The words with a capital at their beginning, the rest as it was."""
    return words[:1].upper() + words[1:]


def sentence(words: str) -> str:
    """The words as a sentence: a capital and a full stop."""
    return f"{capitalised(words)}."


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
