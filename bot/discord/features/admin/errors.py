"""Why something was not done for a moderator, or for somebody who is none."""

from scoring.errors import CodedError, typed_fields


class AdminRefused(CodedError):
    """Base of these."""

    code = "admin_refused"


class ServerOnly(AdminRefused):
    """Asked outside of a server that the bot is a member of. No fields."""

    code = "server_only"


class ModeratedElsewhere(AdminRefused):
    """Asked in a server that whoever runs the bot takes no ``/admin`` from. No fields."""

    code = "moderated_elsewhere"


@typed_fields
class ModerationClosed(AdminRefused):
    """Asked in a server that the application's owner has not opened, by somebody else."""

    code = "moderation_closed"


@typed_fields
class ModerationSet(AdminRefused):
    """A server cannot be opened or closed by a command, since a setting names them; ``server`` is this one's id."""

    code = "moderation_set"
    server: int


@typed_fields
class NotOwner(AdminRefused):
    """Opening or closing asked for by somebody who is not the application's owner, nor of its team."""

    code = "not_owner"


class NotModerator(AdminRefused):
    """Asked by somebody who is no moderator here. Fields: ``roles``, the names of the roles that would do."""

    code = "not_moderator"


class NotManager(AdminRefused):
    """Settings asked for by somebody who may not manage the server. No fields."""

    code = "not_manager"


class NothingToAdd(AdminRefused):
    """Neither a file nor a link, or both. Fields: ``n_given``, 0 or 2."""

    code = "nothing_to_add"


class AttachmentUnreadable(AdminRefused):
    """Discord did not hand the file over. Fields: ``file``."""

    code = "attachment_unreadable"


class StagedGone(AdminRefused):
    """What a press refers to is no longer there: used already, or older than a day. No fields."""

    code = "staged_gone"
