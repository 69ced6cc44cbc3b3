"""Values as they are damaged, by what they are values of."""

from collections.abc import Iterator

from text import lines


def tax_id_files() -> Iterator[tuple[str, bytes]]:
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


def contact_files() -> Iterator[tuple[str, bytes]]:
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


def name_and_date_files() -> Iterator[tuple[str, bytes]]:
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


def header_files() -> Iterator[tuple[str, bytes]]:
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
