"""Comparison levels and hypotheses: the vocabulary in which two records are compared.

A candidate is weighed under four hypotheses against "a random person": it is the *same* entity, a *namesake* (parent
or child bearing the same name), a *twin*, or a *sibling* of who was meant. A level is what was seen of one field; its
weight under a hypothesis is log2(P(level | hypothesis) / P(level | random person)). Where the value's rarity is known
(a surname, a date, a CEP), the weight holds only the numerator and the rarity is added as information, -log2 of the
value's frequency (the term-frequency adjustment of Fellegi-Sunter practice).
"""

from enum import IntEnum


class Hypothesis(IntEnum):
    SAME = 0
    NAMESAKE = 1
    TWIN = 2
    SIBLING = 3


class Level(IntEnum):
    """Rows of the weight table. ``rarity`` in a comment: the value's information is added to the weight."""

    GIVEN_SAME = 0  # rarity; first name identical
    GIVEN_VARIANT = 1  # rarity; sounds alike (LUIS, LUIZ)
    GIVEN_ONE_EDIT = 2  # rarity; one letter wrong, missing, extra, or two swapped
    GIVEN_TWO_EDITS = 3  # rarity
    GIVEN_INITIAL = 4  # J. for JOSE
    GIVEN_MOVED = 5  # rarity; the first name stands elsewhere in the other name; once, when two are exchanged
    GIVEN_DIFFERENT = 6
    SURNAME_SAME = 7  # rarity; any later token, each on its own row
    SURNAME_VARIANT = 8  # rarity
    SURNAME_ONE_EDIT = 9  # rarity
    SURNAME_TWO_EDITS = 10  # rarity
    SURNAME_INITIAL = 11
    SURNAME_JOINED = 12  # rarity; two tokens written as one
    SURNAME_ORDER = 13  # once, when tokens stand in another order
    SURNAME_ADDED = 14  # each token submitted that the candidate lacks
    SURNAME_DROPPED = 15  # each middle token of the candidate that was not submitted
    LAST_DROPPED = 16  # the same of its last token
    LAST_REPLACED = 17  # last tokens differ, the rest agrees: marriage
    SUFFIX_SAME = 18
    SUFFIX_COMPATIBLE = 19  # JUNIOR and FILHO
    SUFFIX_MISSING = 20  # only one side has one
    SUFFIX_DIFFERENT = 21
    DATE_SAME = 22  # rarity
    DATE_DAY = 23  # only the day differs
    DATE_MONTH = 24
    DATE_YEAR_DIGIT = 25  # only one digit of the year
    DATE_YEAR = 26  # only the year
    DATE_SWAPPED = 27  # day and month changed places
    DATE_SAME_YEAR = 28  # day and month differ
    DATE_GENERATION = 29  # 15 to 50 years apart, day or month too
    DATE_DIFFERENT = 30
    MOTHER_SAME = 31  # rarity; all tokens
    MOTHER_COMPATIBLE = 32  # rarity; first name and at least one surname
    MOTHER_GIVEN = 33  # rarity; first name only: maiden and married name
    MOTHER_SURNAME = 34  # rarity; a surname only
    MOTHER_DIFFERENT = 35
    PLACE_HOUSE = 36  # rarity of the CEP; same CEP and number
    PLACE_POSTAL = 37  # rarity of the CEP
    PLACE_CITY = 38  # rarity of the city
    PLACE_STATE = 39
    PLACE_ELSEWHERE = 40
    SEX_SAME = 41
    SEX_DIFFERENT = 42
    PHONE_SAME = 43  # rarity: how many claim it; a mobile that nobody else in the population claims
    EMAIL_SAME = 44  # rarity; likewise
    TAX_SAME = 45
    TAX_NEAR = 46  # one error away
    TAX_MASKED = 47  # the six visible digits agree
    TAX_DIFFERENT = 48  # a valid one that is another's
    TAX_BROKEN = 49  # an invalid one, more than one error away
    COMMON_NAME = 50  # correction: more bear the whole name than its tokens' rarity says
    MIDDLE_REPLACED = 51  # each has a given name that the other lacks: MARIA CLARA, MARIA LUIZA
    SUFFIX_NONE = 52  # neither side has one: a namesake would
    TAX_DOUBTED = 53  # the very same, but name and birth date both contradict (linking only)
    PHONE_SHARED = 54  # rarity; a landline, or several claim it: a household's or an office's
    EMAIL_SHARED = 55  # rarity; several claim it
    NAMED_ALIKE = 56  # correction: first and second name both the very same, which brothers and sisters never bear
    TAX_SLIP = 57  # another valid one, a digit or a swap away: a slip that the check digits let pass (people)
    MISSING = 58  # one side has no value: neutral by definition


LEVELS = len(Level)
HYPOTHESES = len(Hypothesis)
