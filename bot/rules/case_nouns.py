"""The shapes of a case file to the nouns of the model. Nothing is judged and nothing is looked up, except who a bare
login stands for among the accounts that the case and the roster name.
"""

from collections.abc import Iterator
from types import MappingProxyType

from bot.model.change import (
    Account,
    AccountKind,
    Change,
    Commit,
    File,
    FileKind,
    FileStatus,
    GitIdentity,
    Head,
    LabelEvent,
    Review,
    ReviewState,
)
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, BlobId, PatchId, Sha
from bot.model.memory import Answer, Clearance, Declaration, Memory, Named, NotMine, Override, Push, Sighting
from bot.model.roster import Roster
from bot.rules.case_file import (
    AccountShape,
    ChangeShape,
    CommitShape,
    EvidenceShape,
    FileShape,
    IdentityShape,
    MemoryShape,
    ReviewShape,
)
from bot.rules.shapes import account_id

BY_FORGE = "forge"


def change_of(shape: ChangeShape, roster: Roster) -> Change:
    """The change of a case."""
    logins = dict(_logins(shape, roster))
    return Change(
        forge=shape.forge,
        repository=shape.repository,
        number=shape.number,
        title=shape.title,
        body=shape.body,
        base=shape.base,
        default_branch=shape.base if shape.default_branch is None else shape.default_branch,
        branch=shape.branch,
        author=_account(shape.author),
        head=Head(Sha(shape.head.sha), shape.head.moved_at),
        operator=_account_or_none(shape.operator),
        pushers=tuple(map(_account, shape.pushers)),
        commits=tuple(map(_commit, shape.commits)),
        labels=tuple(shape.labels),
        files=tuple(map(_file, shape.files)),
        files_truncated=shape.files_truncated,
        reviews=tuple(_review(each, logins) for each in shape.reviews),
        complete=shape.complete,
        label_events=tuple(
            LabelEvent(each.label, each.added, _account_or_none(each.by), each.at) for each in shape.label_events
        ),
        body_editor=_account_or_none(shape.body_editor),
        base_sha=_sha(shape.base_sha),
        author_app_id=shape.author_app_id,
    )


def memory_of(shape: MemoryShape) -> Memory:
    """What a case remembers."""
    return Memory(
        evidence=tuple(map(_evidence, shape.evidence)),
        sightings=tuple(
            Sighting(
                review=each.review,
                reviewer=AccountId(each.reviewer),
                state=ReviewState(each.state),
                sha=Sha(each.sha),
                at=each.at,
                patch=None if each.patch is None else PatchId(each.patch),
            )
            for each in shape.sightings
        ),
        patches=MappingProxyType({Sha(sha): PatchId(patch) for sha, patch in shape.patches.items()}),
        declarations=tuple(
            Declaration(account_id(each.by), Answer(each.answer), each.at, each.how) for each in shape.declarations
        ),
        clearances=tuple(
            Clearance(AccountId(each.by), each.evidence, each.reason, each.at) for each in shape.clearances
        ),
        overrides=tuple(Override(AccountId(each.by), Sha(each.head), each.reason, each.at) for each in shape.overrides),
        not_mine=tuple(NotMine(AccountId(each.by), each.at) for each in shape.not_mine),
        landed=frozenset(map(Sha, shape.landed)),
        teams=MappingProxyType({team: frozenset(map(AccountId, ids)) for team, ids in shape.teams.items()}),
        pushers=tuple(map(_account, shape.pushers)),
        pushes=tuple(Push(_account(each.by), Sha(each.head), _sha(each.before)) for each in shape.pushes),
        objected=frozenset(shape.objected),
        unread=shape.unread,
        named=tuple(Named(Account(None, AccountId(each.by)), each.role, Sha(each.commit)) for each in shape.named),
    )


def _logins(shape: ChangeShape, roster: Roster) -> Iterator[tuple[str, Account]]:
    """Who each login is: as the roster says, or better, as the case itself says."""
    for person in roster.people:
        for account in person.accounts:
            if account.forge == shape.forge and account.id is not None:
                yield account.login.casefold(), Account(account.login, account.id)
    for each in (shape.author, *shape.pushers, *(review.reviewer for review in shape.reviews)):
        if each.login is not None and each.id is not None:
            yield each.login.casefold(), _account(each)


def _account(shape: AccountShape) -> Account:
    return Account(shape.login, account_id(shape.id), AccountKind(shape.kind))


def _account_or_none(shape: AccountShape | None) -> Account | None:
    return None if shape is None else _account(shape)


def _sha(text: str | None) -> Sha | None:
    return None if text is None else Sha(text)


def _identity(shape: IdentityShape) -> GitIdentity:
    return GitIdentity(shape.name, shape.email, shape.login, account_id(shape.id))


def _commit(shape: CommitShape) -> Commit:
    return Commit(
        sha=Sha(shape.sha),
        author=_identity(shape.author),
        committer=_identity(shape.committer or shape.author),
        message=shape.message,
        parents=shape.parents,
        made_by_forge=shape.made_by_forge,
        parent_shas=tuple(map(Sha, shape.parent_shas)),
    )


def _file(shape: FileShape) -> File:
    return File(
        path=shape.path,
        previous_path=shape.previous_path,
        status=FileStatus(shape.status),
        additions=shape.additions,
        deletions=shape.deletions,
        kind=FileKind(shape.kind),
        blob=None if shape.blob is None else BlobId(shape.blob),
        removed_lines=None if shape.removed_lines is None else tuple(shape.removed_lines),
    )


def _review(shape: ReviewShape, logins: dict[str, Account]) -> Review:
    dismisser = _account_or_none(shape.dismissed_by)
    by_forge = dismisser is not None and dismisser == Account(BY_FORGE, None)
    if dismisser is not None and dismisser.id is None:
        dismisser = logins.get((dismisser.login or "").casefold(), dismisser)
    return Review(
        id=shape.id,
        reviewer=_account(shape.reviewer),
        state=ReviewState(shape.state),
        sha=_sha(shape.sha),
        submitted_at=shape.submitted_at,
        was=None if shape.was is None else ReviewState(shape.was),
        dismissed_by=None if by_forge else dismisser,
        dismissed_by_forge=by_forge,
        may_push=shape.may_push,
    )


def _evidence(shape: EvidenceShape) -> Evidence:
    return Evidence(
        detector=shape.detector,
        tool=shape.tool,
        ai_class=AiClass(shape.class_),
        strength=Strength.of(shape.strength),
        where=shape.where,
        quote=shape.quote,
        commit=_sha(shape.commit),
    )
