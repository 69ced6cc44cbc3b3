"""Request bodies shown in the documentation; every name, number and address in them is invented."""

from typing import Any

_PERSON: dict[str, Any] = {
    "kind": "person",
    "reference": "contrato-0001",
    "name": "Jose da Silva Fº",
    "tax_id": "123.456.789-09",
    "birth_date": "1980-02-28",
    "mother_name": "Maria Aparecida da Silva",
    "emails": ["jose.silva@exemplo.com.br"],
    "phones": ["11 8765-4321"],
    "address": {
        "street": "Av. Paulista",
        "number": "1000",
        "city": "Sao Paulo",
        "state": "SP",
        "postal_code": "01310-100",
    },
}
_COMPANY = {
    "kind": "company",
    "reference": "fornecedor-7",
    "name": "Padaria Central Ltda",
    "tax_id": "11.222.333/0001-81",
}

ENRICH: dict[str, Any] = {
    "person": {
        "record": _PERSON,
        "purpose": "collection",
        "options": {"min_probability": 0.95, "depth": "syntax", "explain": True},
    },
    "company": {"record": _COMPANY, "purpose": "billing"},
}
MATCH: dict[str, Any] = {
    "candidates": {"record": {"name": "Jose da Silva"}, "purpose": "registration_update", "options": {"candidates": 5}}
}
BATCH: dict[str, Any] = {"two records": {"records": [_PERSON, _COMPANY], "purpose": "collection"}}
EMAILS: dict[str, Any] = {"two": {"emails": ["ana@exemplo.com.br", "ana@@exemplo"], "depth": "syntax"}}
PHONES: dict[str, Any] = {"two": {"phones": ["8765-4321", "0800 123 4567"], "default_ddd": "11"}}
WEBHOOKS: dict[str, Any] = {
    "completed": {"url": "https://exemplo.com.br/bureau", "events": ["job.completed", "job.failed"]}
}
EVENTS: dict[str, Any] = {
    "a bounce and a wrong number": {
        "events": [
            {
                "id": "m-1",
                "type": "bounced",
                "at": "2026-11-20T12:00:00Z",
                "email": "ana@exemplo.com.br",
                "code": "5.1.1",
            },
            {
                "id": "c-1",
                "type": "wrong_person",
                "at": "2026-11-20T12:05:00Z",
                "phone": "11 98765-4321",
                "entity_id": "per_exemplo",
            },
        ]
    }
}
SUPPRESSIONS: dict[str, Any] = {"one": {"suppressions": [{"reason": "opt_out", "phone": "11 98765-4321"}]}}
