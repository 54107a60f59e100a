"""Two causes under one name: the page suggests the groups, a person takes one out."""

from __future__ import annotations

from dashboard_app import words_of
from dashboard_frames import NOW

from insights.ledger import open_ledger
from insights.steps.resolved import registry

MIXED = "IR-0001"  # the catch-up bill, with the refunds merged into it


def test_a_group_is_taken_out_under_its_own_name(app, own_ledger):
    mine = own_ledger("learned")
    with open_ledger(mine) as ledger:
        ledger.append("irritant.merged", "IR-0005", {"into": MIXED}, actor="Nadia", at=NOW, key="merged:IR-0005")
        version = registry(ledger).version
    page = app(mine, "registry", "fr", irritant=MIXED)
    page.text_input(key="adviser").set_value("Nadia").run()
    page.button(key=f"suggest_{MIXED}_{version}").click().run(timeout=300)
    at = f"{MIXED}_{version}"
    groups = [one.key for one in page.checkbox if one.key.startswith(f"take_{at}")]
    assert len(groups) >= 2
    for key in groups:
        page.checkbox(key=key).check()
    split = next(one for one in page.button if one.label == "Sortir les groupes choisis")
    split.click().run()
    assert "Laissez ici au moins un groupe" in words_of(page)  # never all of it
    for key in groups[1:]:
        page.checkbox(key=key).uncheck()
    page.text_input(key=f"part_fr_{at}_0").set_value("Part sortie").run()
    assert "Part sortie (nouveau)" in words_of(page), "the effect is told before"
    next(one for one in page.button if one.label == "Sortir les groupes choisis").click().run()
    assert "Sorti de « Facture de régularisation trop élevée »" in page.success[0].value
    with open_ledger(mine) as ledger:
        born = registry(ledger).irritants["IR-0007"]
    assert (born.label_fr, born.lineage) == ("Part sortie", f"split of {MIXED}")
    rows = page.dataframe[0].value
    counts = dict(zip(rows["Irritant"], rows["Mentions par an"], strict=True))
    assert 0 < counts["Part sortie"] < 150  # 90 bills and 56 refunds, of which one group went


def test_texts_that_are_all_alike_have_nothing_to_take_out(app, own_ledger):
    mine = own_ledger("learned")
    with open_ledger(mine) as ledger:
        version = registry(ledger).version
    page = app(mine, "registry", "en", irritant="IR-0002")
    page.button(key=f"suggest_IR-0002_{version}").click().run(timeout=300)
    assert not page.error
    assert "there is nothing to take out" in words_of(page)
