"""Header names as they are met in Brazilian and English files, already folded: lower case, no accents, no filler.

Collected from the register's own layout, electoral files, collection houses' exports and this project's contract.
Adding a name here is all it takes to recognise it everywhere.
"""

from collections.abc import Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "reference": ("reference", "referencia", "id", "codigo", "cod", "matricula", "contrato", "query id", "id externo"),
    "kind": ("kind", "tipo", "pessoa", "tipo pessoa", "natureza", "tipo inscricao"),
    "name": (
        *("name", "nome", "full name", "nome completo", "cliente", "devedor", "pagador", "sacado", "titular"),
        *("legal name", "razao social", "nome razao social", "nome empresarial", "razao", "empresa", "company name"),
        *("first name", "given name", "primeiro nome", "prenome"),
    ),
    "trade_name": ("trade name", "nome fantasia", "fantasia", "titulo estabelecimento"),
    "tax_id": (
        *("tax id", "cpf", "cnpj", "cpf cnpj", "cnpj cpf", "cpfcnpj", "documento", "doc", "numero documento"),
        *("numero cpf", "numero cnpj", "nr cpf", "nr cnpj", "inscricao", "numero inscricao", "document", "taxid"),
    ),
    "birth_date": (
        *("birth date", "birthdate", "date birth", "birthday", "dob", "data nascimento", "dt nascimento", "nascimento"),
        *("data nasc", "dt nasc", "nasc", "dtnasc", "datanascimento", "opened on", "data abertura"),
        *("data inicio atividade", "fundacao", "data fundacao"),
    ),
    "sex": ("sex", "sexo", "gender", "genero"),
    "mother_name": ("mother name", "mothers name", "mother s name", "mother", "nome mae", "mae", "filiacao"),
    "street": (
        *("street", "address", "street address", "logradouro", "endereco", "rua", "nome logradouro", "address line"),
        *("endereco residencial", "end", "endereco completo"),
    ),
    "number": ("number", "numero", "num", "nro", "nr", "no", "n", "house number", "numero endereco", "numero imovel"),
    "complement": ("complement", "complemento", "compl", "address complement", "apartment", "unit"),
    "district": ("district", "bairro", "neighborhood", "neighbourhood", "distrito"),
    "city": ("city", "cidade", "municipio", "town", "municipality", "nome municipio", "localidade", "cidade uf"),
    "state": ("state", "uf", "estado", "sigla uf"),
    "postal_code": ("postal code", "postcode", "zip", "zip code", "zipcode", "cep", "numero cep", "codigo postal"),
    "seen_at": (
        *("seen at", "last seen", "updated at", "updated", "visto em", "data atualizacao", "dt atualizacao"),
        *("atualizado em", "ultima atualizacao", "data cadastro", "dt cadastro", "data referencia", "cadastro"),
    ),
    "source": ("source", "fonte", "origem", "base", "sistema origem"),
}

PARTS: Mapping[str, tuple[str, int]] = {
    "sobrenome": ("name", 1),
    "surname": ("name", 1),
    "last name": ("name", 1),
    "family name": ("name", 1),
    "ultimo nome": ("name", 1),
    "tipo logradouro": ("street", -1),
    "tipo endereco": ("street", -1),
    "street type": ("street", -1),
    "sufixo cep": ("postal_code", 1),
}
"""Columns that are a piece of a field: the field, and whether the piece goes before (-1) or after (1) it."""

PHONES = frozenset((
    *("phone", "phones", "telefone", "telefones", "fone", "fones", "tel", "tels", "celular", "celulares", "cel"),
    *("mobile", "cellphone", "whatsapp", "whats", "landline", "fixo", "phonenumber", "movel", "cell"),
))  # fmt: skip
EMAILS = frozenset(("email", "emails", "mail", "mails"))
AREA_CODES = frozenset(("ddd", "area"))
QUALIFIERS = frozenset((
    *("residencial", "comercial", "principal", "secundario", "alternativo", "pessoal", "contato", "contact", "home"),
    *("work", "primary", "secondary", "recado", "numero", "number", "num", "nr", "n", "address", "endereco", "code"),
    *("business", "main", "other", "outro", "outros", "adicional", "nota", "fiscal", "cobranca", "billing"),
    *("e", "com", "app"),
))  # fmt: skip
"""Words that may stand beside a phone, e-mail or area-code word; any other word makes the column something else."""

FILLER = frozenset((
    *("de", "da", "do", "das", "dos", "of", "the", "ou", "or", "o", "a"),
    *("cliente", "customer", "client", "devedor", "pagador", "sacado", "titular", "consumidor", "debtor"),
))  # fmt: skip
COMPANY_NAMES = frozenset((
    *("cnpj", "razao social", "nome empresarial", "legal name", "nome fantasia", "fantasia", "trade name"),
    *("numero cnpj", "nr cnpj", "company name", "titulo estabelecimento"),
))  # fmt: skip
PERSON_NAMES = frozenset((
    *("cpf", "numero cpf", "nr cpf", "cpf cnpj", "cnpj cpf", "cpfcnpj", "mother name", "nome mae", "mae", "sex"),
    *("sexo", "birth date", "data nascimento", "dt nascimento", "nascimento", "nome razao social"),
))  # fmt: skip
