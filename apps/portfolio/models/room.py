"""How much of each limited figure is in use, wherever more than one account shares the limit."""

from django.db import models
from django.db.models import Q

from apps.portfolio.models.accounts import Account
from apps.portfolio.models.fields import exact


class ScopeUse(models.Model):
    """One counted figure of a scope: `desk`, `account:<slug>` or `source:<source>`.

    `key` is the instrument or currency that is counted alone, empty for all together. `hard` is the cap that
    the last entry was held to, with its `limit_version`; null where the figure is only counted, and from a
    change of the desk's limits to the next entry. Money is in the desk's base currency. Figures of a day have
    its date in their name. Figures that a snapshot measures carry its `number`: `pending` is what was added
    since it began to read.
    """

    scope = models.CharField(max_length=100)
    metric = models.CharField(max_length=24)
    key = models.CharField(max_length=32, blank=True)
    used = exact(default=0)
    pending = exact(default=0)
    hard = exact(null=True, blank=True)
    limit_version = models.PositiveIntegerField(default=0)
    number = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("scope", "metric", "key")
        constraints = (
            models.UniqueConstraint(fields=("scope", "metric", "key"), name="portfolio_scope_use_once"),
            models.CheckConstraint(
                condition=Q(used__lt=10**18, pending__lt=10**18), name="portfolio_scope_use_finite"
            ),
        )

    def __str__(self) -> str:
        return f"{self.scope} {self.metric} {self.key}".rstrip() + f" {self.used.normalize():f}"


class ScopeShare(models.Model):
    """What one account takes of a scope that others share: the desk, or a source with several accounts.

    `uses` maps a figure (`gross`, `gross|EURUSD`) to text in the base currency; `held` to what the account
    has drawn from the desk for it, its use or more.
    """

    scope = models.CharField(max_length=100)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="shares")
    uses = models.JSONField(default=dict, blank=True)
    held = models.JSONField(default=dict, blank=True)
    rebased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("scope", "account")
        constraints = (
            models.UniqueConstraint(fields=("scope", "account"), name="portfolio_scope_share_once"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} of {self.scope}"
