"""How large counts are written: three digits and a unit."""

UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def count(number: int) -> str:
    """`25557032` as `25.6 M`: three significant digits."""
    for size, unit in UNITS:
        value = number / size
        if value >= 0.9995:
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:.{digits}f} {unit}"
    return str(number)


def counted(number: int, unit: str) -> str:
    """A large count with its unit: 4.09 GMACs, 16 MACs."""
    shown = count(number)
    return f"{shown}{unit}" if shown[-1].isalpha() else f"{shown} {unit}"
