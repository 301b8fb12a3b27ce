"""The wording of mails about accounts."""

from datetime import datetime

from gateway.mail_ports import Mail


def invitation_mail(*, to: str, workspace: str, role: str, by: str, link: str, until: datetime) -> Mail:
    """Return the mail that brings an invitation."""
    text = (
        f"{by} invites you to the workspace «{workspace}» as {role}.\n\n"
        f"Open this link to accept:\n{link}\n\n"
        f"It works once, until {_moment(until)}. If you do not know {by}, do nothing.\n"
    )
    return Mail(to=to, subject=f"Invitation to {workspace}", text=text)


def reset_mail(*, to: str, link: str, minutes: int) -> Mail:
    """Return the mail with which a forgotten password is replaced."""
    text = (
        "Somebody, probably you, asked for a new password.\n\n"
        f"Open this link to choose one:\n{link}\n\n"
        f"It works once, for {minutes} minutes. If it was not you, do nothing: the password stays.\n"
    )
    return Mail(to=to, subject="Choose a new password", text=text)


def password_changed_mail(*, to: str, at: datetime) -> Mail:
    """Return the mail that tells of a new password, so that a thief is noticed."""
    text = (
        f"The password of your account was changed at {_moment(at)}, and other sessions were ended.\n\n"
        "If it was not you, choose a new one with «Forgotten password» on the sign-in page.\n"
    )
    return Mail(to=to, subject="Your password was changed", text=text)


def second_factor_mail(*, to: str, enabled: bool, at: datetime) -> Mail:
    """Return the mail that tells of a change of the second factor."""
    change = "turned on" if enabled else "turned off"
    text = (
        f"Codes for signing in to your account were {change} at {_moment(at)}.\n\n"
        "If it was not you, change your password now: it ends all other sessions.\n"
    )
    return Mail(to=to, subject=f"Sign-in codes were {change}", text=text)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
