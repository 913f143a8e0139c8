"""The shipped list of models: whole, ordered, and honest about where its figures come from."""

from __future__ import annotations

from itertools import pairwise

from app.domain.phrases import LANGUAGES
from data.model_list import load_known_models
from local_models.catalogue import BUNDLED


def test_the_list_runs_from_the_bundled_model_up_to_fourteen_billion() -> None:
    models = [model for model in load_known_models() if model.kind == "wording"]
    assert (models[0].id, models[0].sha256, models[0].licence) == (BUNDLED.name, BUNDLED.sha256, BUNDLED.licence)
    assert all(one.parameters_bn <= other.parameters_bn for one, other in pairwise(models))
    assert 14 <= models[-1].parameters_bn < 15
    assert len({model.id for model in load_known_models()}) == len(load_known_models())


def test_models_of_meaning_stand_behind_from_the_smallest_up_and_read_both_languages_between_them() -> None:
    models = load_known_models()
    meaning = [model for model in models if model.kind == "embedding"]
    assert list(models[-len(meaning) :]) == meaning
    assert all(one.parameters_bn <= other.parameters_bn for one, other in pairwise(meaning))
    assert {language for model in meaning for language in model.languages} == set(LANGUAGES)


def test_every_entry_can_be_weighed_against_a_machine() -> None:
    for model in load_known_models():
        assert model.file_gb < model.ram_gb, model.id
        assert model.context >= (4096 if model.kind == "wording" else 512), model.id
        assert model.languages, model.id
        assert set(model.languages) <= set(LANGUAGES), model.id
        assert model.licence, model.id


def test_a_published_figure_names_its_source_and_its_day() -> None:
    grounded = [model.groundedness for model in load_known_models() if model.groundedness]
    assert grounded
    for figure in grounded:
        assert 0 < figure.pct < 100
        assert any(year in figure.source for year in ("2023", "2024", "2025", "2026"))
