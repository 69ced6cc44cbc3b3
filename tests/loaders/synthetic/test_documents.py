import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf

from bureau.reference.places import states
from loaders.synthetic.chance import Bijection
from loaders.synthetic.documents import CpfRegister, cnpj_check_digits, company_roots, with_check_digits
from loaders.synthetic.lettering import digits, fixed


@given(st.lists(st.integers(1, 999_999_998), min_size=1))
def test_check_digits_of_a_cpf_are_those_of_another_implementation(bases: list[int]) -> None:
    found = fixed(digits(with_check_digits(np.array(bases)), 11)).to_pylist()
    assert [f"{base:09}{cpf._calc_check_digits(f'{base:09}')}" for base in bases] == found


def test_no_cpf_is_issued_twice() -> None:
    numbers = np.arange(1, 200_001)
    issued = CpfRegister(1).issue(np.random.default_rng(1), numbers, numbers % 27)
    assert 200_000 == len(np.unique(issued // 1_000))  # not even with another region digit


def test_cpfs_are_distributed_as_the_real_ones() -> None:
    numbers = np.arange(1, 100_001)
    sao_paulo = [state.abbreviation for state in states()].index("SP")
    issued = CpfRegister(1).issue(np.random.default_rng(1), numbers, np.full(100_000, sao_paulo))
    assert abs(0.303 - (issued < 10**10).mean()) < 0.01
    assert abs(0.88 - (issued // 100 % 10 == 8).mean()) < 0.01  # region 8 is São Paulo


@given(st.lists(st.text("0123456789ABCDEGHJKLMNPRSTUVWXYZ", min_size=12, max_size=12), min_size=1))
def test_check_digits_of_a_cnpj_are_those_of_another_implementation(bases: list[str]) -> None:
    letters = np.array([list(base.encode()) for base in bases], dtype=np.uint8)
    assert [cnpj.calc_check_digits(base) for base in bases] == fixed(cnpj_check_digits(letters)).to_pylist()


def test_the_published_example_of_a_cnpj_with_letters() -> None:
    letters = np.array([list(b"12ABC34501DE")], dtype=np.uint8)
    assert ["35"] == fixed(cnpj_check_digits(letters)).to_pylist()


def test_company_roots_are_unique_with_and_without_letters() -> None:
    numbers, permutation = np.arange(100_000), Bijection([1], 10_000, 10_000)
    roots = fixed(company_roots(numbers, permutation, numbers % 3 == 0)).to_pylist()
    assert 100_000 == len(set(roots))
    assert all(root[0].isalpha() for root in roots[::3])
    assert all(root.isdigit() for root in roots[1::3])
