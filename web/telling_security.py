"""Words for what pages of accounts show: what happened, ways to log in, uses of tokens, browsers."""

from __future__ import annotations

from web.texts import t

_EVENTS = {
    "logged_in": ("登录", "Logged in"),
    "first_factor": ("密码正确，等待验证码", "Password right, code owed"),
    "log_in_failed": ("登录失败", "Log-in failed"),
    "second_factor_failed": ("验证码错误", "Wrong code"),
    "logged_out": ("退出登录", "Logged out"),
    "password_changed": ("更改密码", "Password changed"),
    "password_set": ("设置密码", "Password set"),
    "password_reset": ("密码被重置", "Password reset"),
    "second_factor_on": ("启用两步验证", "Second factor set up"),
    "second_factor_off": ("停用两步验证", "Second factor turned off"),
    "second_factor_dropped": ("两步验证被取消", "Second factor taken away"),
    "recovery_codes_made": ("更换恢复码", "New recovery codes"),
    "contact_added": ("添加通知渠道", "Channel for notices added"),
    "contact_code": ("发送渠道验证码", "Code sent to a channel"),
    "contact_verified": ("通知渠道已验证", "Channel for notices verified"),
    "contact_changed": ("更改通知设置", "Notices changed"),
    "contact_removed": ("删除通知渠道", "Channel for notices removed"),
    "recovery_code_used": ("使用恢复码登录", "Recovery code used"),
    "sessions_ended": ("结束登录", "Log-ins ended"),
    "logged_out_by_force": ("被强制退出", "Logged out by force"),
    "old_secret_shown": ("登录凭据可能被复制，已强制退出", "A log-in may have been copied; it was ended"),
    "disabled": ("账号停用", "Account disabled"),
    "enabled": ("账号启用", "Account enabled"),
    "unlocked": ("解除登录锁定", "Log-in unlocked"),
    "token_made": ("生成令牌", "Token made"),
    "token_revoked": ("撤销令牌", "Token revoked"),
    "linked": ("关联统一身份", "Linked to the provider"),
    "stamp_kept": ("保存签章", "Stamp kept"),
    "stamp_dropped": ("删除签章", "Stamp deleted"),
    "unlinked": ("取消统一身份关联", "Link to the provider taken away"),
}
_METHODS = {
    "password": ("密码", "password"),
    "oidc": ("统一身份", "single sign-on"),
    "totp": ("验证码", "code"),
    "recovery": ("恢复码", "recovery code"),
}
_SCOPES = {
    "*": ("全部权限", "everything its person may"),
    "read": ("查询", "read"),
    "work": ("办理任务", "work tasks"),
    "start": ("发起流程", "start processes"),
    "design": ("部署流程", "deploy processes"),
    "operate": ("运维", "operate"),
    "administer": ("系统管理", "administer"),
    "secure": ("安全管理", "keep security"),
    "audit": ("审计", "audit"),
    "unmask": ("查看来件人身份", "unmask reporters"),
}
_BROWSERS = (
    ("MicroMessenger", "微信", "WeChat"), ("Edg", "Edge", "Edge"), ("Firefox", "Firefox", "Firefox"),
    ("Chrome", "Chrome", "Chrome"), ("Safari", "Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android", "Android"), ("iPhone", "iPhone", "iPhone"), ("iPad", "iPad", "iPad"),
    ("Windows", "Windows", "Windows"), ("Mac OS", "Mac", "Mac"), ("Linux", "Linux", "Linux"),
)  # fmt: skip


def event(kind: str) -> str:
    """What happened to an account."""
    return t(*_EVENTS[kind]) if kind in _EVENTS else kind


def method(text: str) -> str:
    """How somebody logged in: password+totp."""
    return " + ".join(t(*_METHODS[part]) if part in _METHODS else part for part in text.split("+"))


def scope(name: str) -> str:
    """What a token may be used for."""
    return t(*_SCOPES[name]) if name in _SCOPES else name


def browser(agent: str) -> str:
    """A browser as people know it; what it says of itself is long and not to be relied on."""
    parts = [next((t(zh, en) for sign, zh, en in known if sign in agent), None) for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in parts if part) or t("其他程序", "another program")
