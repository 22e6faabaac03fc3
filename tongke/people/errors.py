"""What can go wrong with people, accounts and signing in, in words for both sides of the desk."""

from __future__ import annotations

from tongke.errors import Conflict, Forbidden, Text, TongkeError


class SignInFailed(TongkeError):
    """One error for a wrong name, a wrong password and a disabled account.

    Telling them apart would tell a stranger which accounts exist.
    """

    code = "sign-in-failed"
    status = 401
    message = Text("用户名或密码不对", "The user name or the password is not right")
    remedy = Text(
        "请检查后重新输入；忘了密码，请找本校管理员开一张重设单",
        "Check both and try again; if it is forgotten, your school administrator can give you "
        "a reset slip",
    )


class SignInBusy(TongkeError):
    """More sign-ins at once than the machine should work on; nothing was tried."""

    code = "sign-in-busy"
    status = 503
    message = Text("这会儿登录的人太多", "Too many people are signing in just now")
    remedy = Text("请过几秒再试", "Try again in a few seconds")


class SlipRefused(TongkeError):
    """A code that is unknown, used, voided by a newer slip, or past its time."""

    code = "slip-refused"
    status = 422
    message = Text("这张重设单不能用了", "This reset slip does not work")
    remedy = Text(
        "请核对单上的每一位；每张单只能用一次，过期或换过新单就作废，可请管理员再开一张",
        "Check each character; a slip works once, until it expires or a newer one is made. "
        "Your administrator can make another",
    )


class RoomCodeRefused(SlipRefused):
    """The same at a classroom's screen, where no personal slip works either."""

    code = "room-code-refused"
    message = Text("这个登录码不对或用过了", "This sign-in code is wrong or was used")
    remedy = Text(
        "请核对每一位，要用学校管理员在“教室”页给的码；每个码只能用一次，"
        "过了三天或者给了新码就作废，可以请管理员再给一个",
        "Check each character of the code that a school administrator gave under Classrooms; a "
        "code works once, within three days, until a newer one is made. They can give another",
    )


class AccountDisabled(Conflict):
    """No slip of a disabled account would ever work."""

    code = "account-disabled"
    message = Text("这个账号已经停用", "This account is disabled")
    remedy = Text(
        "请先在“人员”页恢复使用，再给重设单或登录码",
        "Enable it under People first, then give the slip or the code",
    )


class OwnAccount(Forbidden):
    """Nobody changes their own roles, disables themselves or writes themselves a slip."""

    code = "own-account"
    message = Text("不能对自己的账号做这件事", "You cannot do this to your own account")
    remedy = Text("请另一位管理员来办", "Ask another administrator to do it")


class DisabledAbove(Forbidden):
    """What the bureau or the operator decided is theirs to take back."""

    code = "disabled-above"
    message = Text(
        "这个账号是教育局或系统管理员停用的，学校不能恢复",
        "The bureau or the system administrator disabled this account; a school cannot enable it",
    )
    remedy = Text(
        "请教育局工作人员或系统管理员来恢复",
        "Ask a bureau officer or the system administrator to enable it",
    )


class RoomDevice(Forbidden):
    """Whoever stands before a room's screen must not be able to shut the room out."""

    code = "room-device"
    message = Text("这是教室的账号，不能在这里改", "This is a classroom's account")
    remedy = Text("请本校管理员在“人员”页面办理", "A school administrator can do it under People")


class RoomHoldsOneRole(Conflict):
    """A classroom's device may never come to see staff papers by way of a second role."""

    code = "room-holds-one-role"
    message = Text("教室账号不能兼任其他身份", "A classroom's account can hold no other role")
    remedy = Text("请为老师另建一个账号", "Make an account of its own for the person")


class LastRole(Conflict):
    """An account without a role would be nobody's to look after."""

    code = "last-role"
    message = Text("这是这个账号最后的身份", "This is the last role of this account")
    remedy = Text("如果人已离开，请停用账号", "If the person has left, disable the account")


class RoleHeld(Conflict):
    code = "role-held"
    message = Text("这个账号已经有这个身份", "The account holds this role already")
    remedy = Text("不用再添加", "Nothing is left to do")


class TooManyTokens(Conflict):
    code = "too-many-tokens"
    message = Text("令牌已满 {limit} 个", "You have {limit} tokens already")
    remedy = Text("请先撤销不用的令牌", "Revoke one you no longer use")
