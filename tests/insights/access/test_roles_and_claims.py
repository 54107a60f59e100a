"""What a provider's claims give: roles, rights, a name that is no address."""

from __future__ import annotations

from pathlib import Path

import pytest

from insights.access import CAPABILITIES, ROLES, RowRights, Viewer, at_home, load_policy, viewer_of
from insights.access.policy import Policy
from insights.errors import SettingsError

ROOT = Path(__file__).parents[3]
POLICY = Policy.model_validate(
    {
        "groups_claim": "realm_access.roles",
        "roles": {"cx": "analyst", "boss": "viewer", "dpo": "privacy_officer"},
        "rows": {"north": {"regions": ["Nord"]}, "gas": {"products": ["Gaz"], "regions": ["Corse"]}},
    }
)


def viewer(groups: list[str], policy: Policy = POLICY, **claims: object) -> Viewer:
    told = {"sub": "s1", "name": "Nadia B.", "realm_access": {"roles": groups}, **claims}
    return viewer_of(told, policy, lambda who: f"reader-{who.count('a')}{len(who)}")


def test_groups_give_roles_and_limits_add_up():
    one = viewer(["cx", "boss", "unheard of", "north", "gas"])
    assert (one.roles, one.role, one.signed_in) == (("viewer", "analyst"), "viewer", True)
    assert one.rights == RowRights(products=("Gaz",), regions=("Corse", "Nord"))
    assert not one.may("curate")
    assert one.as_role("analyst").may("curate")
    assert one.as_role("administrator") == one


def test_without_a_group_nobody_has_a_role_unless_there_is_a_default():
    nobody = viewer([])
    assert (nobody.roles, nobody.role) == ((), "")
    assert not any(nobody.may(one) for one in CAPABILITIES)
    open_to_all = POLICY.model_copy(update={"default_role": "viewer"})
    assert viewer([], open_to_all).roles == ("viewer",)
    assert viewer(["dpo"], open_to_all).roles == ("privacy_officer",)


@pytest.mark.parametrize("groups", [None, 3, {"roles": None}, "cx"])
def test_claims_of_another_shape_give_nothing_or_the_one_group(groups):
    told = viewer_of({"sub": "s1", "groups": groups}, Policy.model_validate({"roles": {"cx": "analyst"}}), str)
    assert told.roles == (("analyst",) if groups == "cx" else ())


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "Nadia B."),
        ({"name": "nadia@exemple.fr", "preferred_username": "nadia.b"}, "nadia.b"),
        ({"name": "nadia@exemple.fr", "preferred_username": "nadia@exemple.fr"}, "reader-02"),
        ({"name": None}, "reader-02"),
        ({"name": "System"}, "reader-02"),
        ({"name": "rules", "preferred_username": "nadia.b"}, "nadia.b"),
        ({"name": "reader-4f1c"}, "reader-02"),
    ],
)
def test_an_address_is_never_a_name(claims, name):
    assert viewer(["cx"], **claims).name == name


def test_groups_that_the_provider_left_out_give_no_role_and_no_rows_by_default():
    """Entra ID puts a link in the place of too many groups: who is limited is not known then."""
    open_to_all = POLICY.model_copy(update={"default_role": "viewer"})
    assert viewer([], open_to_all, _claim_names={"realm_access": "src1"}).roles == ()
    assert viewer([], open_to_all, hasgroups=True).roles == ()
    assert viewer([], open_to_all, _claim_names={"address": "src1"}).roles == ("viewer",)


def test_who_is_in_no_limited_group_is_kept_to_the_default_rows():
    told = {"rows": {"north": {"regions": ["Nord"]}, "all": {}}, "default_rows": {"regions": ["none"]}}
    policy = Policy.model_validate(told)
    assert policy.rights(["renamed"]) == RowRights(regions=("none",))
    assert policy.rights(["north"]) == RowRights(regions=("Nord",))
    assert policy.rights(["all"]) == RowRights()


@pytest.mark.parametrize("sub", ["nadia@exemple.fr", ""])
def test_an_address_is_never_a_subject(sub):
    one = viewer(["cx"], sub=sub, name="")
    assert one.subject == one.name
    assert "@" not in one.subject
    assert one.subject.startswith("reader-")


def test_a_role_nobody_knows_is_refused_with_its_place(tmp_path):
    path = tmp_path / "access.yaml"
    path.write_text("roles: {cx: king}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"roles\.cx: 'king' is no role; use one of viewer"):
        load_policy(path)
    path.write_text("rows: {cx: {brands: [A]}}", encoding="utf-8")
    with pytest.raises(SettingsError, match="brands"):
        load_policy(path)
    assert load_policy(tmp_path / "none.yaml").roles == {}


def test_the_delivered_file_is_read_and_names_every_role():
    found = load_policy(ROOT / "data" / "reference" / "access.yaml")
    assert set(found.roles.values()) == set(ROLES)
    assert found.default_role is None


def test_the_unshared_dashboard_may_take_any_role():
    assert at_home().role == "analyst"
    assert at_home("king").role == "analyst"
    assert at_home().as_role("viewer").role == "viewer"
    assert not at_home().rights.limited


def test_every_capability_is_somebodys_and_none_but_the_administrator_has_all():
    assert [role for role, given in ROLES.items() if given == set(CAPABILITIES)] == ["administrator"]
    assert all(any(one in given for role, given in ROLES.items() if role != "administrator") for one in CAPABILITIES)
    assert all("read" in given for given in ROLES.values())
