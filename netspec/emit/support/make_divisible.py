"""MobileNet's rule for numbers of channels."""


def _make_divisible(value: float, divisor: int = 8) -> int:
    """Round to a multiple of `divisor`, never losing over 10 %."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
