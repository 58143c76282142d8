"""How the authority is: where its keys are, and whether SM2 can be used."""

from dataclasses import dataclass

from certification import crypto
from certification.contracts.authority import Algorithm
from certification.keystore import KeyStoreProblem, store_for


@dataclass(frozen=True)
class KeyStoreState:
    """Where new keys of a kind are made, and what is in the way (empty: nothing)."""

    algorithm: Algorithm
    store: str
    problem: str


def key_store_state() -> list[KeyStoreState]:
    """For P-256 and for SM2. Nothing is made or opened by asking."""
    found = []
    for algorithm in Algorithm:
        try:
            name, problem = store_for(algorithm).name, ""
        except KeyStoreProblem as error:
            name, problem = "", str(error)
        if algorithm is Algorithm.SM2 and not problem:
            problem = crypto.problem() or ""
        found.append(KeyStoreState(algorithm, name, problem))
    return found
