"""Pages of facts: every ledger can be read, searched and filtered, and changed by nobody."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator


class ReadOnly:
    """Refuses adding, changing and deleting to everyone, superusers included."""

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class RecordAdmin(ReadOnly, ModelAdmin):
    """Rows that change through doors only: this page shows them, and its actions call a door each."""

    actions = None
    list_fullwidth = True
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    show_add_link = False
    compressed_fields = True

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
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
