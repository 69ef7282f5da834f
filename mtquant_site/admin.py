"""People and roles on the theme's own forms. Only superusers reach these pages."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.edges import grants

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "roles", "is_active", "is_superuser", "last_login")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save roles too, and tell open pages of this user that something about them may have changed."""
        super().save_related(request, form, formsets, change)
        grants.tell([form.instance])

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        grants.tell([obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        grants.tell(list(queryset))
        super().delete_queryset(request, queryset)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Change it, and tell open pages: the sessions of the old one have ended."""
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if answer.status_code == 302:
            grants.tell(User.objects.filter(pk=id))
        return answer

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """A role that is deleted takes its rights along: its members' open pages are told."""

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        members = list(User.objects.filter(groups=obj))
        super().delete_model(request, obj)
        grants.tell(members)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        members = list(User.objects.filter(groups__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        grants.tell(members)
