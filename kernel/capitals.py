"""Amounts in Chinese capital numerals (大写金额), as 支付结算办法 annex 1 has them written."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
CEILING = 10**18  # fen


def capitals(fen: int) -> str:
    """``fen`` of renminbi in capitals: 46200000 is 人民币肆拾陆万贰仟元整.

    Zeros between digits are written once; 整 ends an amount without fen. Raises ValueError beyond
    10**18 fen.
    """
    if abs(fen) >= CEILING:
        raise ValueError(f"{fen} fen is beyond what is written in capitals.")
    sign = "人民币负" if fen < 0 else "人民币"
    yuan, rest = divmod(abs(fen), 100)
    jiao, last = divmod(rest, 10)
    text = _whole(yuan) + "元" if yuan or not rest else ""
    if not rest:
        return f"{sign}{text}整"
    if jiao:
        text += ("零" if yuan and yuan % 10 == 0 else "") + _DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return sign + text + (_DIGITS[last] + "分" if last else "整")


def _whole(number: int) -> str:
    """By 亿 and 万; a 零 stands where the part below doesn't fill its first place."""
    for worth, unit in ((10**8, "亿"), (10**4, "万")):
        above, below = divmod(number, worth)
        if above:
            gap = "零" if 0 < below < worth // 10 else ""
            return _whole(above) + unit + gap + (_whole(below) if below else "")
    return _group(number) or "零"


def _group(number: int) -> str:
    text, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            zero = bool(text)
            continue
        text += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return text
