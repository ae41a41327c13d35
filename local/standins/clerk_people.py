"""The people and browser sessions of the Clerk stand-in, kept in one SQLite file."""

import dataclasses
import json
import re
import secrets
import sqlite3
import time
from pathlib import Path
from typing import Any

PEOPLE_SHOWN_MAX = 6  # of those made on the page; the newest
ORGANIZATIONS_MAX = 20
NAME_CHARS_MAX = 120
EMAIL_CHARS_MAX = 254
URL_CHARS_MAX = 1024

_STUDIO_CHARS_MAX = 60  # fits an id together with its prefix

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class PersonRefused(ValueError):
    """What was said of a person cannot be; ``field`` names the part in the caller's words."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field


@dataclasses.dataclass(frozen=True, slots=True)
class Organization:
    """An organisation of a person; ``role`` is without Clerk's ``org:`` prefix."""

    id: str
    role: str = "member"
    slug: str = ""
    membership_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. The first organisation is the active one."""

    id: str
    name: str | None = None
    email: str | None = None
    email_verified: bool = True
    image_url: str | None = None
    organizations: tuple[Organization, ...] = ()
    created_at_ms: int = 0
    updated_at_ms: int = 0
    made_here: bool = False


FIRST_PEOPLE = (
    Person("user_admin", "Ada Admin", "ada@example.com"),
    Person("user_ben", "Ben Baker", "ben@example.com"),
    Person("user_chiara", "Chiara Conti"),
)


class People:
    """Who there is and who is signed in; survives restarts and kills."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        # Only the server's loop uses it, which need not be the thread that made it.
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.execute("create table if not exists person (id text primary key, data text)")
        self._database.execute(
            "create table if not exists session"
            " (secret text primary key, id text, user_id text, created_at_ms integer)"
        )
        self._database.execute("create table if not exists organization (id text primary key)")
        self._database.execute("create table if not exists gone (user_id text primary key)")
        for person in FIRST_PEOPLE:
            if self.find(person.id) is None and not self._is_gone(person.id):
                self.save(person)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def find(self, user_id: str) -> Person | None:
        """The person with this id."""
        row = self._database.execute("select data from person where id = ?", [user_id]).fetchone()
        return None if row is None else _read(row[0])

    def save(self, person: Person) -> Person:
        """Keep the person as given; answers it with the time at which it was first made."""
        if not person.created_at_ms:
            person = dataclasses.replace(person, created_at_ms=time.time_ns() // 1_000_000)
        known = self.find(person.id)
        ids = {one.id: one.membership_id for one in known.organizations} if known else {}
        person = dataclasses.replace(
            person,
            organizations=tuple(
                dataclasses.replace(one, membership_id=ids.get(one.id) or new_id("orgmem"))
                for one in person.organizations
            ),
        )
        self._database.execute(
            "insert or replace into person values (?, ?)",
            [person.id, json.dumps(dataclasses.asdict(person))],
        )
        return person

    def delete(self, user_id: str) -> None:
        """Forget a person and sign them out everywhere; the first people do not come back."""
        self._database.execute("delete from session where user_id = ?", [user_id])
        self._database.execute("delete from person where id = ?", [user_id])
        self._database.execute("insert or ignore into gone values (?)", [user_id])

    def add_organization(self, organization_id: str) -> bool:
        """Note an organisation: whether it is new."""
        noted = self._database.execute(
            "insert or ignore into organization values (?)", [organization_id]
        )
        return noted.rowcount == 1

    def _is_gone(self, user_id: str) -> bool:
        found = self._database.execute("select 1 from gone where user_id = ?", [user_id])
        return found.fetchone() is not None

    def shown(self) -> list[Person]:
        """Whom the page offers: the first people, then the newest of those made there."""
        first = [known for person in FIRST_PEOPLE if (known := self.find(person.id))]
        rows = self._database.execute("select data from person")
        made = [person for (data,) in rows if (person := _read(data)).made_here]
        made.sort(key=lambda person: person.created_at_ms, reverse=True)
        return first + made[:PEOPLE_SHOWN_MAX]

    def sign_in(self, user_id: str) -> tuple[str, str]:
        """Begin a browser session: the secret for its cookie, and its id."""
        secret, session_id = secrets.token_urlsafe(32), new_id("sess")
        self._database.execute(
            "insert into session values (?, ?, ?, ?)",
            [secret, session_id, user_id, time.time_ns() // 1_000_000],
        )
        return secret, session_id

    def session_of(self, secret: str) -> tuple[str, Person] | None:
        """The session's id and the person behind a cookie, or None when signed out."""
        row = self._database.execute(
            "select session.id, person.data from session"
            " join person on person.id = session.user_id where secret = ?",
            [secret],
        ).fetchone()
        return None if row is None else (row[0], _read(row[1]))

    def sign_out(self, secret: str) -> None:
        """End the browser session, if there is one."""
        self._database.execute("delete from session where secret = ?", [secret])


def new_id(prefix: str) -> str:
    """A random id in Clerk's form, such as ``user_5f0c…``."""
    return f"{prefix}_{secrets.token_hex(13)}"


def studio_of(name: str) -> dict[str, str]:
    """The organisation that somebody has typed the name of, and that they are the admin of.

    Raises:
        PersonRefused: nothing of it can stand in an id.
    """
    slug = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:_STUDIO_CHARS_MAX].strip("-")
    if not slug:
        raise PersonRefused("studio", "must have a letter or a digit")
    return {"id": f"org_{slug.replace('-', '_')}", "role": "admin", "slug": slug}


def described(document: Any, known: Person | None) -> Person:
    """The person whom a sign-in request describes.

    What the document leaves out stays as it is known; ``null`` takes it away.

    Raises:
        PersonRefused: a field is missing, unknown or of the wrong form.
    """
    if not isinstance(document, dict):
        raise PersonRefused("body", "must be a JSON object")
    for name in document:
        if name not in _READERS:
            raise PersonRefused(name, "is not known here")
    user_id = _id(document.get("userId"), "userId")
    person = known or Person(user_id)
    changes = {
        field: read(document[name], name)
        for name, (field, read) in _READERS.items()
        if name in document and field
    }
    return dataclasses.replace(person, **{**changes, "id": user_id})


def _id(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise PersonRefused(field, "must be 1 to 64 letters, digits, _ or -")
    return value


def _email(value: Any, field: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(value):
        raise PersonRefused(field, "must be an e-mail address")
    return value


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise PersonRefused(field, "must be true or false")
    return value


def _name(value: Any, field: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or len(value) > NAME_CHARS_MAX:
        raise PersonRefused(field, f"must be printable text of at most {NAME_CHARS_MAX} characters")
    return value.strip() or None


def _image(value: Any, field: str) -> str | None:
    if value is None:
        return None
    web = isinstance(value, str) and value.startswith(("https://", "http://"))
    if not web or len(value) > URL_CHARS_MAX:
        raise PersonRefused(field, "must be a web address")
    return str(value)


def _organizations(value: Any, field: str) -> tuple[Organization, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > ORGANIZATIONS_MAX:
        raise PersonRefused(field, f"must be a list of at most {ORGANIZATIONS_MAX}")
    return tuple(_organization(entry, f"{field}[{number}]") for number, entry in enumerate(value))


def _organization(entry: Any, field: str) -> Organization:
    if isinstance(entry, str):
        entry = {"id": entry}
    if not isinstance(entry, dict):
        raise PersonRefused(field, "must be an organisation's id, or an object with one")
    organization_id = _id(entry.get("id"), f"{field}.id")
    role, slug = entry.get("role", "member"), entry.get("slug", organization_id)
    if not isinstance(role, str):
        raise PersonRefused(f"{field}.role", "must be text")
    role = role.removeprefix("org:")
    return Organization(organization_id, _id(role, f"{field}.role"), _id(slug, f"{field}.slug"))


# Name in the document -> field of the person, and how it is read.
_READERS: dict[str, tuple[str, Any]] = {
    "userId": ("id", _id),
    "name": ("name", _name),
    "email": ("email", _email),
    "emailVerified": ("email_verified", _flag),
    "imageUrl": ("image_url", _image),
    "organizations": ("organizations", _organizations),
    "version": ("", None),
}


def _read(data: str) -> Person:
    values = json.loads(data)
    organizations = tuple(Organization(**entry) for entry in values.pop("organizations"))
    return Person(**values, organizations=organizations)
