"""Ensembles of searches: budget, null searches, independence of the number of processes."""

import dataclasses

import numpy as np
import pytest
from impurities import SMALL, SYSTEM

from kondoflow.discovery.engines.interface import SearchResult
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.judgement.claims import count_recovered
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.references import read_references
from kondoflow.discovery.search import searches
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.regression import regress
from kondoflow.discovery.selection import Part


def test_the_budget_of_a_target_is_shared_by_its_searches(samples, targets):
    equations = {**SMALL, "seconds": 30, "restarts": 4, "null_restarts": 2}
    tasks = plan(targets[0], samples, equations, 1) + plan(
        targets[0], samples, equations, 1, null=True
    )
    assert [task.problem.settings.seconds for task in tasks] == [5.0] * 6
    assert len({task.problem.seed for task in tasks}) == 6


def test_of_many_samples_some_are_fitted_and_all_are_scored(samples, targets, monkeypatch):
    """An equation, fitted to all training samples and to a hundred of them."""
    target = next(each for each in targets if each.name == "log_T_chi")
    (task,) = plan(target, samples, {**SMALL, "restarts": 1, "null_restarts": 0}, 1)
    result = SearchResult(("log(G) + 0.3*a + 0.2",), False)
    found = []
    for most in (10_000, 100):
        monkeypatch.setattr(searches, "FITTED", most)
        assert searches.drawn(task).y.size == min(most, task.parts["train"].y.size)
        (first, *_) = searches.evaluated(result, "test", task, 0.0).candidates
        found.append(first)
    train = samples.usable(target) & samples.parts["train"]
    everything = Part(samples.select(train), target.values[train])
    for candidate in found:
        left = everything.y - everything.values(candidate.expression)
        assert candidate.train == pytest.approx(np.mean(left**2) / np.var(everything.y), rel=1e-3)
    assert found[0].expression != found[1].expression
    assert found[1].train == pytest.approx(found[0].train, rel=0.1)


@pytest.mark.slow
def test_a_search_on_shuffled_targets_recovers_nothing(samples, targets):
    """The whole procedure where there is nothing to be found, beside the same where there is."""
    equations = {**SMALL, "restarts": 1, "generations": 40}
    found = regress(Operon(), [targets[0]], samples, equations, 3, 2)["targets"][0]
    real = found["front"][found["selected"]]
    null = found["null"]["front"][found["null"]["selected"]]
    assert real["score_validation"] > 0.7
    assert null["score_validation"] < 0.2
    references = {item.name: item.expression for item in read_references(SYSTEM, samples)}
    recovered = count_recovered([null], prepare(references, targets[0], samples, 1))
    assert set(recovered.values()) == {0}


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(samples, targets):
    constant = dataclasses.replace(targets[1], values=np.ones(600))
    asked = [targets[0], constant, targets[2]]
    found = [regress(Operon(), asked, samples, SMALL, 11, processes) for processes in (1, 2)]
    for result in found:
        for entry in result["targets"]:
            entry.pop("seconds")
            null = entry["null"] or {"restarts": []}
            null.pop("seconds", None)
            for restart in entry["restarts"] + null["restarts"]:
                restart.pop("seconds")
    assert found[0] == found[1]

    latent, skipped, named = found[0]["targets"]
    assert skipped["skipped"] == "the target does not vary in the region"
    assert (skipped["front"], skipped["selected"], skipped["restarts"]) == ([], None, [])
    for entry in (latent, named):
        assert len({restart["seed"] for restart in entry["restarts"]}) == 2
        assert entry["versions"]["pyoperon"]
        chosen = entry["front"][entry["selected"]]
        assert set(chosen) >= {
            "equation",
            "equation_inputs",
            "complexity",
            "score_train",
            "score_validation",
        }
        assert chosen["score_validation"] > 0.7
        complexities = [item["complexity"] for item in entry["front"]]
        assert complexities == sorted(complexities)
