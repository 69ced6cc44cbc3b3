"""Files of the banks: CNAB 240 (segments P and Q) and CNAB 400, of invented people and companies."""

from text import lines


def placed(width: int, texts: dict[int, str]) -> str:
    cells = [" "] * width
    for at, text in texts.items():
        cells[at - 1 : at - 1 + len(text)] = text
    return "".join(cells)


def cnab240() -> bytes:
    rows = [
        {
            18: "1",
            19: "000052998224725",
            34: "ANA PAULA CONCEICAO",
            74: "RUA DAS FLORES 10",
            114: "CENTRO",
            129: "01310",
            134: "100",
            137: "SAO PAULO",
            152: "SP",
        },
        {
            18: "2",
            19: "011222333000181",
            34: "EMPRESA INVENTADA DE COMERCIO E SERVICOS",
            74: "AV BRASIL 20",
            114: "CENTRO",
            129: "20040",
            134: "002",
            137: "RIO DE JANEIRO",
            152: "RJ",
        },
        {18: "2", 19: "012ABC34501DE35", 34: "OUTRA INVENTADA LTDA"},
    ]
    segments = []
    for number, row in enumerate(rows):
        segments.append(
            placed(240, {1: "001", 4: "0001", 8: "3", 9: f"{2 * number + 1:05}", 14: "P", 63: "000000012345"})
        )
        segments.append(placed(240, {1: "001", 4: "0001", 8: "3", 9: f"{2 * number + 2:05}", 14: "Q", 16: "01", **row}))
    header = [
        placed(240, {1: "001", 4: "0000", 8: "0", 73: "CREDOR INVENTADO"}),
        placed(240, {1: "001", 4: "0001", 8: "1"}),
    ]
    trailer = [placed(240, {1: "001", 4: "0001", 8: "5"}), placed(240, {1: "001", 4: "9999", 8: "9"})]
    return lines(*header, *segments, *trailer, end="\r\n").encode("cp1252")


def cnab400() -> bytes:
    row = {
        1: "1",
        111: "0000000017",
        219: "01",
        221: "00052998224725",
        235: "ANA PAULA CONCEICAO",
        275: "RUA DAS FLORES 10",
        315: "CENTRO",
        327: "01310100",
    }
    return lines(placed(400, {1: "01REMESSA01COBRANCA"}), placed(400, row), placed(400, {1: "9"}), end="\r\n").encode()
