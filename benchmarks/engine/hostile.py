"""Records made to be slow: what a hostile or careless client sends, as JSON, the way it arrives.

All drawn with one seed; names are of the commonest tokens of the population they are asked of, or of nobody.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

LONGEST = 200  # characters of a name that decoding admits (bureau/model/query.py)
SEED = 5
_EMOJI = "😀🎉🇧🇷👩‍👩‍👧‍👦❤️🔥🏳️‍🌈💀"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_DRESSED = 8  # combining marks a letter


class Hostile:
    """One client's ill will; of first and of later tokens of names those that most people bear, the commonest first."""

    def __init__(self, first: Sequence[str], later: Sequence[str]) -> None:
        self._first = first
        self._later = later
        self._commonest = f"{first[0]} {later[0]}"
        self._random = random.Random(SEED)

    def kinds(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """Kind → draws one record of it."""
        return {
            "one letter": lambda: {"name": self._letters(1)},
            "one-letter names": lambda: {"name": " ".join(self._letters(1) for _ in range(self._random.randint(2, 8)))},
            "initials, date, city": self._initials,
            "60 tokens of nobody": lambda: {"name": self._many(lambda: self._letters(2))},
            "60 tokens, name and mother": lambda: dict.fromkeys(
                ("name", "mother_name"), self._many(lambda: self._letters(2))
            ),
            "as many common names as fit": lambda: {
                "name": self._many(self._token),
                "mother_name": self._many(self._token),
            },
            "only the commonest name": lambda: {"name": self._commonest},
            "commonest name, misspelt": lambda: {"name": " ".join(map(self._misspelt, self._commonest.split()))},
            "two common names": lambda: {"name": f"{self._random.choice(self._first)} {self._token()}"},
            "common name, date, capital": self._capital,
            "common everything": self._everything,
            "unknown words": lambda: {"name": self._many(lambda: self._letters(9))},
            "emoji": lambda: {"name": self._drawn(_EMOJI, 60), "mother_name": self._drawn(_EMOJI, LONGEST)},
            "emoji in a common name": lambda: {"name": f"{self._token()} {self._drawn(_EMOJI, 3)} {self._token()}"},
            "Cyrillic": lambda: {"name": self._many(lambda: self._drawn(_CYRILLIC, 6))},
            "letters under marks": lambda: {"name": self._marked()},
            "twenty wrong contacts": self._contacts,
        }

    def records(self, kind: str, count: int) -> Iterator[bytes]:
        """``count`` different records, encoded."""
        draw = self.kinds()[kind]
        return (msgspec.json.encode(draw()) for _ in range(count))

    def _token(self) -> str:
        return self._random.choice(self._later)

    def _drawn(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def _letters(self, length: int) -> str:
        return self._drawn(_LATIN, length)

    def _many(self, token: Callable[[], str], most: int = 60) -> str:
        return " ".join(token() for _ in range(most))[:LONGEST]

    def _misspelt(self, token: str) -> str:
        at = self._random.randrange(len(token))
        return token[:at] + self._letters(1) + token[at + 1 :]

    def _marked(self) -> str:
        marks = [chr(0x300 + self._random.randrange(0x6F)) for _ in range(_DRESSED)]
        return " ".join("".join(letter + "".join(marks) for letter in self._letters(5)) for _ in range(4))[:LONGEST]

    def _date(self) -> str:
        return f"{self._random.randint(1940, 2004)}-{self._random.randint(1, 12):02}-{self._random.randint(1, 28):02}"

    def _initials(self) -> dict[str, Any]:
        name = " ".join(self._letters(1) for _ in range(3))
        return {"name": name, "birth_date": self._date(), "address": {"city": "São Paulo", "state": "SP"}}

    def _capital(self) -> dict[str, Any]:
        return {
            "name": self._commonest,
            "birth_date": self._date(),
            "address": {"city": "São Paulo", "state": "SP"},
        }

    def _everything(self) -> dict[str, Any]:
        """Every key there is, each of them shared by many, and a tax id that is nobody's but one slip from several."""
        return self._capital() | {
            "name": " ".join((self._first[0], *self._random.choices(self._later[:8], k=3))),
            "mother_name": " ".join((self._first[0], *self._random.choices(self._later[:8], k=2))),
            "sex": "F",
            "tax_id": f"{self._random.randrange(10**11):011}",
            "phones": ["11999999999", "1133333333"],
            "emails": ["naotem@gmail.com", "cliente@empresa.com.br"],
        }

    def _contacts(self) -> dict[str, Any]:
        phones = [f"119{self._random.randrange(10**8):08}" for _ in range(20)]
        return {
            "name": self._commonest,
            "phones": phones,
            "emails": [f"{self._letters(7)}@gmail.com" for _ in phones],
        }
