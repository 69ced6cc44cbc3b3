"""Makes the corpus of dirty files: `python tests/intake/corpus/make.py` writes `files/` anew, always the same bytes.

Every person, company, number and address is invented. One kind of dirt or form a file; what comes out of each is in
`expected/`, written by `python tests/intake/test_corpus.py` and read through by a person.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import zstandard

HERE = Path(__file__).parent
HEADER = "nome;cpf;nascimento;telefone;e-mail;cidade;uf"
ANA = "ANA PAULA CONCEIÇÃO;529.982.247-25;28/02/1980;(11) 98765-4321;ana.paula@exemplar.com.br;SÃO PAULO;SP"
RUI = "RUI GONÇALVES;390.533.447-05;01/12/1975;(21) 3333-4444;rui@exemplar.com.br;NITERÓI;RJ"
EVA = "EVA DE SOUZA;111.444.777-35;15/07/1990;(41) 99123-4567;eva.souza@exemplar.com.br;CURITIBA;PR"
PEOPLE = [ANA, RUI, EVA]


def lines(*rows: str, end: str = "\n") -> str:
    return end.join([*rows, ""])


def columns(rows: str, separator: str) -> str:
    return rows.replace(";", separator)


def text_files() -> Iterator[tuple[str, bytes]]:
    plain = lines(HEADER, *PEOPLE)
    windows = lines(HEADER, *PEOPLE, end="\r\n")
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row.split(";")) for row in [HEADER, *PEOPLE])
    yield "semicolon-cp1252-crlf.csv", windows.encode("cp1252")
    yield "comma-utf8-all-quoted.csv", quoted.encode()
    yield "tab-utf8-bom.txt", columns(windows, "\t").encode("utf-8-sig")
    yield "pipe-latin1-undefined-byte.csv", columns(plain, "|").encode("latin-1").replace(b"EVA DE", b"EVA\x81 DE")
    yield "utf16.csv", columns(windows, "\t").encode("utf-16")
    yield "sep-line.csv", f"sep=;\r\n{windows}".encode("cp1252")
    yield "old-mac-line-ends.csv", plain.replace("\n", "\r").encode("cp1252")
    yield "mixed-line-ends.csv", f"{HEADER}\r\n{ANA}\n{RUI}\r\n{EVA}".encode()
    yield "no-suffix-no-end", plain.rstrip().encode()
    yield (
        "titles-above-header.csv",
        lines("RELATÓRIO DE INADIMPLENTES", "Emitido em 22/11/2026", "", plain).encode("cp1252"),
    )
    yield "repeated-header.csv", lines(HEADER, ANA, HEADER, RUI, HEADER, EVA).encode()
    yield "total-line.csv", lines(HEADER, *PEOPLE, "TOTAL;;;;;;1.234,56", "Total de registros: 3").encode()
    yield "blank-tails.csv", lines(f"{HEADER};;", f"{ANA};;", ";;;;;;;;", f"{RUI};;", f"{EVA};;", ";;", "", "").encode()
    yield "nul-bytes.csv", plain.encode().replace(b"RUI", b"R\0UI").replace(b"EVA DE", b"EVA\0\0 DE")
    two_lines = ANA.replace("ANA PAULA CONCEIÇÃO", '"ANA\nPAULA ""CONCEIÇÃO"""')
    yield "line-end-in-quotes.csv", lines(HEADER, two_lines, RUI).encode()
    yield "stray-quote.csv", lines(HEADER, ANA, f'"{RUI}', EVA).encode()
    yield "too-few-and-too-many.csv", lines(HEADER, ANA, "RUI;390.533.447-05", f"{EVA};a mais", RUI).encode()
    yield "no-header.csv", lines(*PEOPLE).encode("cp1252")
    yield "unknown-header.csv", lines("a;b;c;d;e;f;g", *PEOPLE * 2).encode()
    yield "columns-under-wrong-names.csv", lines("cpf;nome;nascimento;telefone;e-mail;cidade;uf", *PEOPLE * 2).encode()
    yield (
        "english.csv",
        lines("full name,tax id,birth date,phone,email,city,state", *(columns(row, ",") for row in PEOPLE)).encode(),
    )
    yield (
        "money-and-other-columns.csv",
        lines(
            f"contrato;{HEADER};valor;vencimento", f"00017;{ANA};R$ 1.234,56;10/11/2026", f"00018;{RUI};-3,00;"
        ).encode("cp1252"),
    )
    yield (
        "name-in-pieces.csv",
        lines(
            "Nome;Sobrenome;CPF;Tipo Logradouro;Logradouro;Número;CEP;Sufixo CEP",
            "ANA;PAULA CONCEIÇÃO;52998224725;RUA;DAS FLORES;10;01310;100",
        ).encode(),
    )


def value_files() -> Iterator[tuple[str, bytes]]:
    tax_ids = [
        "52998224725",
        "1234567890",
        "234567890",
        "1.23457E+10",
        "5,2998224725E+10",
        "52998224725.0",
        "'52998224725",
        "529.982.247-25\xa0",
        "00052998224725",
        "***982247**",
        "52998224726",
    ]
    yield (
        "tax-ids-damaged.csv",
        lines("nome;cpf", *(f"ANA PAULA LIMA {chr(65 + i) * 3};{tax_id}" for i, tax_id in enumerate(tax_ids))).encode(
            "cp1252"
        ),
    )
    yield (
        "precision-lost-and-nothing-else.csv",
        lines("cpf;valor", "1.23E+10;1", "529.982.247-25;2", "5,29982E+10;3").encode(),
    )
    cnpjs = [
        "11.222.333/0001-81",
        "11222333000181.0",
        "1122233300018",
        "00052998224725",
        "12.ABC.345/01DE-35",
        "12ABC34501DE35",
    ]
    yield (
        "company-tax-ids.csv",
        lines(
            "razao social;cnpj", *(f"EMPRESA INVENTADA {chr(65 + i) * 3} LTDA;{cnpj}" for i, cnpj in enumerate(cnpjs))
        ).encode(),
    )
    phones = [
        "11987654321 / 1133334444",
        "(11) 3333-4444/4445",
        "11 3333-4444; 11 98765-4321",
        "1133334444,1133335555",
        "(0xx11) 3333-4444",
        "+55 11 98765-4321",
        "1133334444 ramal 22",
        "11 8765-4321",
        "(11) 3333-4444 ou 99123-4567",
        "1133334444.0",
    ]
    yield (
        "several-phones.csv",
        lines("nome,telefone", *(f'ANA PAULA {chr(65 + i) * 3},"{phone}"' for i, phone in enumerate(phones))).encode(),
    )
    yield (
        "area-code-apart.csv",
        lines(
            "nome;ddd1;tel1;ddd2;tel2",
            "ANA PAULA LIMA;11;98765-4321;21;3333-4444",
            "RUI LOPES;11;3333-4444 / 5555-6666;;",
            "EVA DIAS;;987654321;41;",
        ).encode(),
    )
    emails = [
        "ana@exemplar.com.br; ana2@exemplar.com.br",
        "ana@exemplar.com.br,ana2@exemplar.com.br",
        "ANA@EXEMPLAR.COM.BR.",
        "ana@exemplar,com",
        "mailto:ana@exemplar.com",
        "Ana Lima <ana@exemplar.com>",
        "ana @exemplar.com",
        "ana@josé.com.br",
    ]
    yield (
        "several-and-damaged-emails.csv",
        lines("nome|e-mail", *(f"ANA PAULA {chr(65 + i) * 3}|{email}" for i, email in enumerate(emails))).encode(),
    )
    nothing = ["NAO TEM", "n/a", "#NULO#", "***", "-", "NÃO INFORMADO", "00000000000", "99999999999", "x@x.com", "-1"]
    yield (
        "placeholders.csv",
        lines(
            "nome;cpf;nascimento;telefone;e-mail",
            *(f"ANA PAULA {chr(65 + i) * 3};{text};{text};{text};{text}" for i, text in enumerate(nothing)),
            "NAO INFORMADO;529.982.247-25;;;",
            "#NULO#;-1;;;",
        ).encode(),
    )
    names = ["JOÃO DA CONCEIÇÃO", "José Antônio Müller", "IRMÃ DULCE", "ÂNGELA"]
    broken = [name.encode().decode("cp1252", "replace") for name in names]
    yield "mojibake.csv", lines("nome;cpf", *(f"{name};" for name in broken), "JO?O DA SILVA;52998224725").encode()
    yield (
        "cells-exchanged.csv",
        lines(
            "nome;cpf;telefone;e-mail;nascimento",
            "ANA PAULA LIMA;52998224725;11987654321;ana@exemplar.com;28/02/1980",
            "39053344705;RUI LOPES;;;01/12/1975",
            "EVA DIAS;111.444.777-35;eva@exemplar.com;41991234567;",
            "IVO REIS;15/07/1990;;;529.982.247-25",
            "39053344705;;1133334444 / ugo@exemplar.com;;",
        ).encode(),
    )
    dates = [
        "28/02/80",
        "1980-02-28",
        "28021980",
        "29280",
        "28/fev/1980",
        "1980-02-28T00:00:00",
        "31/02/1980",
        "28/02/2080",
        "28.02.1980",
    ]
    yield (
        "dates.csv",
        lines("nome;nascimento", *(f"ANA PAULA {chr(65 + i) * 3};{text}" for i, text in enumerate(dates))).encode(),
    )
    yield (
        "people-and-companies.csv",
        lines(
            "tipo pessoa;nome;documento",
            "PF;ANA PAULA LIMA;52998224725",
            "PJ;EMPRESA INVENTADA LTDA;11222333000181",
            ";OUTRA INVENTADA LTDA;11.222.333/0001-81",
            ";EVA DIAS;00011144477735",
        ).encode(),
    )
    yield (
        "case-and-blanks.csv",
        lines(
            " NOME do Cliente ; C.P.F. ;Dt. Nasc.;E_MAIL",
            "  ana   paula LIMA  ; 529.982.247-25 ;28/02/1980; ANA@Exemplar.com ",
        ).encode(),
    )


def sheet(rows: list[list[Any]], hidden: list[list[Any]] | None = None, merged: str = "") -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None)})
    for name, content in (("oculta", hidden), ("clientes", rows)):
        if content is None:
            continue
        page = book.add_worksheet(name)
        for number, row in enumerate(content):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write(number, column, cell)
        if name == "oculta":
            page.hide()
        else:
            page.activate()
            if merged:
                page.merge_range(0, 0, 0, 4, merged)
    book.close()
    return target.getvalue()


def sheet_files() -> Iterator[tuple[str, bytes]]:
    header: list[Any] = ["Nome", "CPF", "Nascimento", "Telefone", "Valor"]
    ana: list[Any] = ["ANA PAULA CONCEIÇÃO", 52998224725, date(1980, 2, 28), 11987654321, 1234.5]
    rui: list[Any] = ["RUI GONÇALVES", 1234567890.0, 29280, "(21) 3333-4444", None]
    yield (
        "numbers-and-dates.xlsx",
        sheet([header, ana, rui, [], ["EVA DIAS", "111.444.777-35", "15/07/1990", None, True]]),
    )
    yield (
        "merged-titles.xlsx",
        sheet(
            [
                [],
                [],
                ["Cliente", None, None, "Contato", "Débito"],
                ["Nome", "CPF", "Nascimento", "Telefone", None],
                ana,
                rui,
                ["TOTAL", None, None, None, 1234.5],
            ],
            merged="Relatório",
        ),
    )
    yield "hidden-sheet-first.xlsx", sheet([header, ana], hidden=[["Nome", "CPF"], ["NÃO É PARA LER", 1]])
    yield "workbook-called-csv.csv", sheet([header, ana, rui])
    yield "no-header.xlsx", sheet([ana, [*rui[:2], date(1975, 12, 1), *rui[3:]], ana])


def other_files() -> Iterator[tuple[str, bytes]]:
    target = io.BytesIO()
    table = {
        "nome": ["ANA PAULA CONCEIÇÃO", None, "EVA DIAS"],
        "cpf": pa.array([52998224725, 1234567890, None], pa.int64()),
        "nascimento": pa.array([date(1980, 2, 28), None, date(1990, 7, 15)], pa.date32()),
        "telefones": [["11987654321", "1133334444"], [], None],
        "saldo": [1234.5, -1.0, None],
    }
    pq.write_table(pa.table(table), target)
    yield "typed.parquet", target.getvalue()
    objects = [
        {
            "nome": "ANA PAULA CONCEIÇÃO",
            "cpf": "529.982.247-25",
            "phones": ["11987654321"],
            "address": {"city": "SÃO PAULO", "state": "SP"},
        },
        {"nome": "EVA DIAS", "cpf": 11144477735, "emails": ["eva@exemplar.com", "eva2@exemplar.com"]},
    ]
    json_lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    yield "nested.jsonl", json_lines.encode()
    yield "broken-lines.jsonl", f'{json_lines}\n\n{{"nome": "CORTADO\n[1]\n{{}}\n'.encode()
    yield "packed.csv.gz", gzip.compress(lines(HEADER, *PEOPLE).encode("cp1252"), mtime=0)
    yield "packed.zip", zipped("pasta/clientes.txt", lines(HEADER, *PEOPLE, end="\r\n").encode())
    yield "packed.jsonl.zst", zstandard.ZstdCompressor().compress(json_lines.encode())
    yield "packed-workbook.zip", zipped("clientes.xlsx", sheet([["Nome", "CPF"], ["ANA PAULA LIMA", 52998224725]]))
    yield "remessa-cnab240.rem", cnab240()
    yield "remessa-cnab400.txt", cnab400()
    core = [
        f"{'ANA PAULA LIMA':20}{'52998224725':11}{'28021980':8}{'011987654321':12}",
        f"{'EVA DIAS':20}{'11144477735':11}",
        "X" * 60,
    ]
    yield "core-system.fixed", lines(*core).encode("cp1252")


def zipped(name: str, data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


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


def main() -> None:
    folder = HERE / "files"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for source in (text_files, value_files, sheet_files, other_files):
        for name, data in source():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
