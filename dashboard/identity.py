"""Who sits at the screen: the signed-in reader, or whoever opened the unshared dashboard of this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from dashboard.menu import role_name
from dashboard.words import Translate, plain
from insights.access import Capability, Viewer, at_home, load_policy, viewer_of
from insights.access.viewer import ends
from insights.keys import KeyRing
from insights.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
PROXIES = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")
VIEWER = "viewer"
# a sign-in comes back to the home page: these two keep the page that was asked for, in this tab alone
KEEP_ASKED = """<script>sessionStorage.setItem("voc_asked", location.pathname + location.search)</script>"""
GO_TO_ASKED = """<script>
const asked = sessionStorage.getItem("voc_asked"); sessionStorage.removeItem("voc_asked");
if (asked && asked.startsWith("/") && !asked.startsWith("//") && asked !== location.pathname + location.search) {
  location.replace(asked);
}
</script>"""


def shared(settings: Settings) -> bool:
    """Whether people must sign in."""
    return bool(settings.oidc_metadata_url)


def reachable(address: str | None) -> bool:
    """Whether another machine can open a dashboard that listens on `address`; without one it listens on all."""
    return (address or "0.0.0.0") not in LOOPBACK


def proxied(headers: Mapping[str, str]) -> bool:
    """Whether a request came for another host or from a page of another one, or through a proxy, by its headers."""
    told = {name.casefold(): value for name, value in headers.items()}
    host = told.get("host", "").rsplit(":", 1)[0].strip("[]")
    origin = (urlsplit(told["origin"]).hostname or "elsewhere") if "origin" in told else ""
    return any(one not in ("", *LOOPBACK) for one in (host, origin)) or any(one in told for one in PROXIES)


def live(claims: Mapping[str, Any], now: float) -> bool:
    """Whether the token these claims came with still holds at `now` (seconds since 1970). The cookie outlives it."""
    return ends(claims) > now


def viewer_in(claims: Mapping[str, Any], settings: Settings) -> Viewer:
    """The reader of these claims under data/reference/access.yaml as it stands now."""
    keys = KeyRing(settings.keys_dir)
    policy = load_policy(settings.reference_dir / "access.yaml")
    return viewer_of(claims, policy, lambda who: f"reader-{keys.lasting_hash(f'reader:{who}')[:10]}")


def identify(settings: Settings, _: Translate) -> Viewer | None:
    """The reader, or None after drawing why nobody may read: not signed in, run out, without a role, not allowed."""
    if not shared(settings):
        if reachable(st.get_option("server.address")) or proxied(st.context.headers):
            st.error(_("This dashboard can be reached from other machines and has no sign-in: it shows nothing."))
            st.markdown(_("Serve it on 127.0.0.1, or set VOC_OIDC_METADATA_URL and use `voc dashboard`."))
            return None
        return _switched(at_home(_asked("analyst")), _)
    claims = _claims()
    if claims is None or not live(claims, time.time()):
        _sign_in(_, ran_out=claims is not None)
        return None
    viewer = viewer_in(claims, settings)
    if not viewer.roles:
        _without_role(viewer, _)
        return None
    st.html(GO_TO_ASKED, unsafe_allow_javascript=True)
    viewer = _switched(viewer.as_role(_asked(viewer.role)), _)
    with st.sidebar:
        st.caption(_("Signed in as {name}").format(name=plain(viewer.name)))
        _sign_out(_)
    return viewer


def remember(viewer: Viewer) -> None:
    """What the pages of this session read of the viewer."""
    st.session_state[VIEWER] = viewer


def viewer_here() -> Viewer | None:
    """The reader of this session; None before the first drawing."""
    found = st.session_state.get(VIEWER)
    return found if isinstance(found, Viewer) else None


def current() -> Viewer:
    """The reader of this session, as `app.py` found them at this drawing."""
    found = viewer_here()
    if found is None:
        raise PermissionError("No reader is known: pages are drawn by dashboard/app.py only.")
    return found


def still_may(viewer: Viewer, settings: Settings, capability: Capability) -> bool:
    """Whether the reader may do this at this moment. A click runs before the page is drawn and the token is looked at."""
    if not viewer.signed_in:
        return not shared(settings) and viewer.may(capability)
    claims = _claims()
    if claims is None or not live(claims, time.time()):
        return False
    now = viewer_in(claims, settings)
    return now.subject == viewer.subject and viewer.role in now.roles and viewer.may(capability)


def may_now(viewer: Viewer, settings: Settings, capability: Capability, now: float) -> bool:
    """As `still_may` where no session is at hand, as when a file is made at a click: by what the sign-in told of them.

    False also when the rows of their groups are no longer those that were drawn.
    """
    if not viewer.signed_in:
        return not shared(settings) and viewer.may(capability)
    policy = load_policy(settings.reference_dir / "access.yaml")
    same = viewer.role in policy.roles_of(viewer.groups) and policy.rights(viewer.groups) == viewer.rights
    return viewer.holds_until > now and same and viewer.may(capability)


def _claims() -> dict[str, Any] | None:
    """What the provider told of who has signed in, run out or not; None for nobody."""
    return st.user.to_dict() if getattr(st.user, "is_logged_in", False) else None


def _asked(default: str) -> str:
    return str(st.session_state.get("role") or st.query_params.get("role") or default)


def _switched(viewer: Viewer, _: Translate) -> Viewer:
    """The reader in the role the sidebar says, where they have several."""
    if len(viewer.roles) < 2:
        return viewer
    chosen = st.sidebar.selectbox(
        _("I am"), viewer.roles, viewer.roles.index(viewer.role), key="role", format_func=lambda one: role_name(_, one)
    )
    if st.query_params.get("role", viewer.roles[0]) != chosen:
        st.query_params["role"] = str(chosen)
    return viewer.as_role(str(chosen))


def _sign_in(_: Translate, *, ran_out: bool) -> None:
    st.html(KEEP_ASKED, unsafe_allow_javascript=True)
    st.title(_("Sign in"))
    if ran_out:
        st.warning(_("Your session has run out: sign in again."))
    st.markdown(_("This application shows what customers say: sign in to read it."))
    st.button(_("Sign in"), type="primary", on_click=st.login)


def _without_role(viewer: Viewer, _: Translate) -> None:
    st.title(_("No role yet"))
    st.warning(_("You are signed in as {name}, without a role here.").format(name=plain(viewer.name)))
    st.markdown(_("Ask your administrator for one; then sign out and in again."))
    _sign_out(_)


def _sign_out(_: Translate) -> None:
    st.button(_("Sign out"), on_click=st.logout, key="sign_out", icon=":material/logout:")
