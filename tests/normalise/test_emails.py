import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.normalise.emails import Email, EmailProblem, emails, parse_email, split_emails


@pytest.mark.parametrize(
    ("address", "repairs", "text"),
    [
        ("fulano@gmail.com", "", "FULANO@GMAIL.COM"),
        ("f.u-l_a+n@sub.uol.com.br", "", " f.u-l_a+n@sub.uol.com.br "),
        ("fulano@gmail.com", "display_name_removed", "Fulano de Tal <fulano@gmail.com>"),
        ("fulano@gmail.com", "mailto_removed", "mailto:fulano@gmail.com?subject=x"),
        ("fulano@gmail.com", "punctuation_trimmed", "fulano@gmail.com."),
        ("fulano@gmail.com", "punctuation_trimmed", "'fulano@gmail.com';"),
        ("fulano@gmail.com", "comma_replaced", "fulano@gmail,com"),
        ("fulano@gmail.com", "blanks_removed", "fulano @ gmail.com"),
        ("fulano@xn--joo-nla.com.br", "domain_to_ascii", "fulano@joão.com.br"),
        ("fulano@gmail.com", "", "fulano@\u200bgmail.com"),
        ("mail@empresa.com.br", "", "mail@empresa.com.br"),
        ("joão@gmail.com", "", "joão@gmail.com"),
        ("d'avila@uol.com.br", "", "d'avila@uol.com.br"),
    ],
)
def test_addresses_and_their_repairs(address: str, repairs: str, text: str) -> None:
    assert Email(address, tuple(repairs.split())) == parse_email(text)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        *[("missing", text) for text in (None, "", "NAO TEM", "n/a", "***", "#NULO#", "não informado", "-")],
        *[("placeholder", text) for text in ("x@x.com", "naotem@gmail.com", "nao_tem@hotmail.com", "teste@teste.com")],
        *[
            ("placeholder", text)
            for text in ("semail@uol.com.br", "aaa@aaa.com.br", "fulano@exemplo.com", "XXX@XXX.COM")
        ],
        *[("no_at", text) for text in ("fulano.gmail.com", "www.empresa.com.br")],
        *[("several_at", text) for text in ("a@b@c.com", "fulano@@gmail.com")],
        *[
            ("bad_local", text)
            for text in ("@gmail.com", "fu lano@gmail.com", "fulano.@gmail.com", "fu..lano@gmail.com")
        ],
        *[("bad_domain", text) for text in ("fulano@gmail", "fulano@", "fulano@-x.com", "fulano@b..com", "fulano@1.2")],
    ],
)
def test_problems(problem: str, text: str | None) -> None:
    assert problem == parse_email(text)


@given(st.text("abcXYZ019._-+@, <>é", max_size=24))
def test_what_is_read_is_read_again_unchanged(text: str) -> None:
    parsed = parse_email(text)
    if isinstance(parsed, Email):
        assert Email(parsed.address) == parse_email(parsed.address)


ADDRESSISH = st.one_of(
    st.text("abXx019._-+@, <>é\n\x00\u200b", max_size=24),
    st.builds("{}@{}.{}".format, st.text("axX0.-_", min_size=1, max_size=6), st.text("axé-", min_size=1, max_size=6),
              st.sampled_from(["com", "com.br", "c", "com.", "co m"])),
    st.sampled_from(["naotem@gmail.com", "X@x.com", "NAO TEM", "mailto:a.b@uol.com.br", "ÀB@uol.com.br"]),
)  # fmt: skip


@given(st.lists(st.one_of(st.none(), ADDRESSISH), max_size=20))
def test_the_column_says_what_the_scalar_says(texts: list[str | None]) -> None:
    column = emails(pa.array(texts, pa.string()))
    for text, address, problem in zip(texts, column.addresses.to_pylist(), column.problems, strict=True):
        parsed = parse_email(text)
        if isinstance(parsed, Email):
            assert (parsed.address, 0) == (address, problem)
        else:
            assert (None, parsed) == (address, EmailProblem.of(int(problem)))


@pytest.mark.parametrize(
    ("expected", "cell"),
    [
        (["a@b.com", "c@d.com"], "a@b.com; c@d.com"),
        (["a@b.com", "c@d.com"], "a@b.com|c@d.com"),
        (["a@b.com", "c@d.com"], "Fulano A <a@b.com>, Sicrano C <c@d.com>"),
        (["fulano de tal @ gmail.com"], "fulano de tal @ gmail.com"),
        (["NAO TEM"], " NAO TEM "),
        ([], None),
    ],
)
def test_split_emails(expected: list[str], cell: str | None) -> None:
    assert expected == split_emails(cell)
