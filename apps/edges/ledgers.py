"""Pages of facts: every ledger can be read, searched and filtered, and changed by nobody."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from apps.edges import rights


class ReadOnly:
    """Refuses adding, changing and deleting to everyone, superusers included."""

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class RecordAdmin(ReadOnly, ModelAdmin):
    """Rows that change through doors only: this page shows them, and its actions call a door each.

    `belongs` names the columns that say whose rows they are (`account`, `agent`: a slug; `scope`: a scope of
    risk): only what belongs to visible objects is shown and acted on.
    """

    belongs: ClassVar[Mapping[str, str]] = {}

    actions = None
    list_fullwidth = True
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    show_add_link = False
    compressed_fields = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rights.only_visible(request.user, rows, self.belongs)

    def allows(self, request: HttpRequest, right: str, object_id: Any = None) -> bool:
        """Tell whether the user holds a right, on what the object belongs to where one is given."""
        if object_id is None or not rights.may(request.user, right):
            return rights.may(request.user, right)
        if not str(object_id).isdecimal():
            return False
        columns = {kind: path for kind, path in self.belongs.items() if kind != rights.SCOPE}
        scope = self.belongs.get(rights.SCOPE)
        rows = self.get_queryset(request).filter(pk=object_id)
        row = rows.values(*columns.values(), *([scope] if scope else [])).first()
        if row is None:
            return False
        named = {kind: row[path] for kind, path in columns.items()}
        if scope:
            named |= rights.of_scope(row[scope])
        return rights.may(request.user, right, **named)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        if any("\x00" in value for _, values in request.GET.lists() for value in values):
            raise BadRequest("No column holds a zero byte.")
        return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]


class LedgerAdmin(RecordAdmin):
    """Facts that only ever grow: newest first, and never counted, since a count reads millions of rows."""

    paginator = InfinitePaginator
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)


class LedgerInline(ReadOnly, TabularInline):
    """Facts that belong to the object above them."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    tab = True
    per_page = 50
