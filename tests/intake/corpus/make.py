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
from fixed_width import cnab240, cnab400
from text import columns, lines
from values import contact_files, header_files, name_and_date_files, tax_id_files

HERE = Path(__file__).parent
HEADER = "nome;cpf;nascimento;telefone;e-mail;cidade;uf"
ANA = "ANA PAULA CONCEIÇÃO;529.982.247-25;28/02/1980;(11) 98765-4321;ana.paula@exemplar.com.br;SÃO PAULO;SP"
RUI = "RUI GONÇALVES;390.533.447-05;01/12/1975;(21) 3333-4444;rui@exemplar.com.br;NITERÓI;RJ"
EVA = "EVA DE SOUZA;111.444.777-35;15/07/1990;(41) 99123-4567;eva.souza@exemplar.com.br;CURITIBA;PR"
PEOPLE = [ANA, RUI, EVA]


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


def main() -> None:
    folder = HERE / "files"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    values = (tax_id_files, contact_files, name_and_date_files, header_files)
    for source in (text_files, *values, sheet_files, other_files):
        for name, data in source():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
